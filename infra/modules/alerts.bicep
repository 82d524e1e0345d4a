// What an operator gets a mail about. The runbook has a section for each alert.

param name string
param location string
param email string
param host string
param workspaceId string
param componentId string
param testLocations string[]

var runbook = 'What to do: docs/runbook.md, under Alerts.'

// Each query returns a row for what is wrong, and none if nothing is. There is one alert for each
// value of About. Events are looked for in the last half hour, since logs can come late.
var rules = [
  {
    name: 'overdue-revocation'
    severity: 0
    window: 'PT15M'
    query: loadTextContent('../alerts/overdue-revocation.kql')
  }
  {
    name: 'overdue'
    severity: 0
    window: 'PT15M'
    query: loadTextContent('../alerts/overdue.kql')
  }
  {
    name: 'quarantined'
    severity: 1
    window: 'PT15M'
    query: loadTextContent('../alerts/quarantined.kql')
  }
  {
    name: 'stuck'
    severity: 1
    window: 'PT30M'
    query: loadTextContent('../alerts/stuck.kql')
  }
  {
    name: 'needs-human'
    severity: 1
    window: 'PT30M'
    query: loadTextContent('../alerts/needs-human.kql')
  }
  {
    name: 'broke-glass'
    severity: 1
    window: 'PT30M'
    query: loadTextContent('../alerts/broke-glass.kql')
  }
  {
    name: 'worker-silent'
    severity: 0
    window: 'PT30M'
    query: loadTextContent('../alerts/worker-silent.kql')
  }
  {
    name: 'audit-silent'
    severity: 1
    window: 'PT15M'
    query: loadTextContent('../alerts/audit-silent.kql')
  }
  {
    name: 'secret-near-expiry'
    severity: 2
    window: 'PT1H'
    query: loadTextContent('../alerts/secret-near-expiry.kql')
  }
  {
    name: 'drill-failed'
    severity: 1
    window: 'PT30M'
    query: loadTextContent('../alerts/drill-failed.kql')
  }
  {
    name: 'drill-overdue'
    severity: 1
    window: 'PT15M'
    query: loadTextContent('../alerts/drill-overdue.kql')
  }
  {
    name: 'checkpoint-missing'
    severity: 1
    // No window is longer than two days, and none is of 26 hours: the query looks at the times.
    window: 'P2D'
    frequency: 'PT1H'
    query: loadTextContent('../alerts/checkpoint-missing.kql')
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  properties: {
    groupShortName: 'latchkey'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for each in rules: {
    name: '${name}-${each.name}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: 'Latchkey: ${each.name}'
      description: runbook
      severity: each.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: each.?frequency ?? 'PT5M'
      windowSize: each.window
      criteria: {
        allOf: [
          {
            query: each.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [
              {
                name: 'About'
                operator: 'Include'
                values: ['*']
              }
            ]
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      // A new workspace doesn't have all of these tables until something is logged there.
      skipQueryValidation: true
      autoMitigate: true
      actions: {
        actionGroups: [operators.id]
      }
    }
  }
]

resource readiness 'Microsoft.Insights/webtests@2022-06-15' = {
  name: '${name}-readyz'
  location: location
  kind: 'standard'
  tags: {
    'hidden-link:${componentId}': 'Resource'
  }
  properties: {
    SyntheticMonitorId: '${name}-readyz'
    Name: 'Latchkey /readyz'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [
      for place in testLocations: {
        Id: place
      }
    ]
    // Without the token, if there is one: the status is enough, and a header would be kept here.
    Request: {
      RequestUrl: 'https://${host}/readyz'
      HttpVerb: 'GET'
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

resource notReady 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-not-ready'
  location: 'global'
  tags: {
    'hidden-link:${componentId}': 'Resource'
    'hidden-link:${readiness.id}': 'Resource'
  }
  properties: {
    description: runbook
    severity: 1
    enabled: true
    scopes: [readiness.id, componentId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: readiness.id
      componentId: componentId
      failedLocationCount: min(length(testLocations), 3)
    }
    actions: [
      {
        actionGroupId: operators.id
      }
    ]
  }
}
