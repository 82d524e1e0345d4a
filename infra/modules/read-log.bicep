// Lets the bot ask the workspace who read which secret. It may read the two tables in which vaults log
// that, and no other.

param workspaceName string
param principalId string

var logAnalyticsDataReader = '3b03c2da-16b3-4a49-8834-0f8130efdd3b'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource asksTheLog 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, principalId, logAnalyticsDataReader)
  scope: workspace
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      logAnalyticsDataReader
    )
    conditionVersion: '2.0'
    condition: '''
      (
        (
          !(ActionMatches{'Microsoft.OperationalInsights/workspaces/tables/data/read'})
        )
        OR
        (
          @Resource[Microsoft.OperationalInsights/workspaces/tables:name] StringEquals 'AZKVAuditLogs'
          OR
          @Resource[Microsoft.OperationalInsights/workspaces/tables:name] StringEquals 'AzureDiagnostics'
        )
      )
    '''
  }
}

@description('What queries name the workspace by.')
output customerId string = workspace.properties.customerId
