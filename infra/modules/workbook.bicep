// What the bot's metrics say, for operators, in the portal: the workspace's Workbooks, or Azure Monitor's.

param location string
param workspaceId string

// It asks the workspace that this names.
var content = union(loadJsonContent('../dashboards/workbook.json'), {
  fallbackResourceIds: [workspaceId]
})

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'latchkey')
  location: location
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: 'Latchkey'
    serializedData: string(content)
    sourceId: workspaceId
    version: 'Notebook/1.0'
  }
}
