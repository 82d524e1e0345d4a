// The storage account for the bot's table, which the bot creates itself. Shared keys are off: only
// the bot's identity has access.

param name string
param location string
param sku string

@description('Whether only a private network, and the addresses below, reach the account.')
param isPrivate bool

param openTo string[]
param principalId string

var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate && empty(openTo) ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'None'
      ipRules: [
        for address in openTo: {
          value: address
          action: 'Allow'
        }
      ]
    }
  }
}

resource keepsItsTable 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, storageTableDataContributor)
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      storageTableDataContributor
    )
  }
}

output name string = account.name
output tablesEndpoint string = account.properties.primaryEndpoints.table
