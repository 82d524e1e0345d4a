// Sends the logs of the bot's App Service and of its storage account to Log Analytics.

param appName string
param accountName string
param workspaceId string

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: accountName
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' existing = {
  parent: account
  name: 'default'
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' existing = {
  parent: account
  name: 'default'
}

// Not AppServiceHTTPLogs: the address to which people return from a sign-in contains its code.
resource appLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'log-analytics'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in ['AppServiceConsoleLogs', 'AppServicePlatformLogs', 'AppServiceAuditLogs']: {
        category: category
        enabled: true
      }
    ]
  }
}

// Who changed what, and that the worker is alive. Reads would be many times as much.
resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'log-analytics'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in ['StorageWrite', 'StorageDelete']: {
        category: category
        enabled: true
      }
    ]
  }
}

resource archiveLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'log-analytics'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in ['StorageWrite', 'StorageDelete']: {
        category: category
        enabled: true
      }
    ]
  }
}
