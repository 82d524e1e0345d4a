// The storage account for the bot's table, which the bot creates itself. Shared keys are off: only
// the bot's identity has access.

param name string
param location string
param sku string

@description('Whether only a private network, and the addresses below, reach the account.')
param isPrivate bool

param openTo string[]

@description('Whether nobody can delete the account before its lock.')
param isLocked bool

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

// Not for the rows in it, which no lock protects: the bot goes on changing and removing them.
resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (isLocked) {
  name: 'latchkey-state'
  scope: account
  properties: {
    level: 'CanNotDelete'
    notes: 'Who has access until when is in here. See docs/deploy.md of Latchkey, under Remove it.'
  }
}

output name string = account.name
output tablesEndpoint string = account.properties.primaryEndpoints.table
