// Lets the bot change the settings of an app that uses a rotated secret.

param appName string
param principalId string

var websiteContributor = 'de139f84-1756-47ae-9be6-808fbbe84772'

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

resource changesSettings 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(app.id, principalId, websiteContributor)
  scope: app
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      websiteContributor
    )
  }
}
