// Sends a vault's log to Log Analytics: who read, changed or deleted what.

param vaultName string
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource vaultLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'latchkey'
  scope: vault
  properties: {
    workspaceId: workspaceId
    // One table for each kind of resource, with a column for each field.
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}
