// The App Service that runs the bot.

param name string
param location string
param planId string
param pythonVersion string
param identityId string

@description('The subnet that the bot sends through; empty for none.')
param subnetId string

@description('Not one of the settings below, since Azure keeps those in the history of deployments.')
@secure()
param metricsToken string

@description('Ranges of addresses, and service tags, from which the bot is reached; empty for everywhere.')
param reachableFrom string[]

@description('The Front Door that the tag AzureFrontDoor.Backend stands for; empty for all of them.')
param frontDoorId string

@description('The same as reachableFrom, for deploying code.')
param deployableFrom string[]

@description('The bot\'s variables, as in docs/variables.md. An empty one counts as not set.')
param settings object

@description('Variables that count before all others.')
param otherSettings object

@description('By which host browsers reach the bot; empty for its own.')
param publicHost string

var frontDoor = {
  'x-azure-fdid': [frontDoorId]
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'app,linux'
  tags: {
    'azd-service-name': 'bot' // in azure.yaml
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: planId
    httpsOnly: true
    clientAffinityEnabled: false
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      linuxFxVersion: 'PYTHON|${pythonVersion}'
      // In place of the shell, so that the signal to stop reaches the bot.
      appCommandLine: 'exec python app.py'
      alwaysOn: true
      ftpsState: 'Disabled'
      minTlsVersion: '1.2'
      // Not /readyz: if Azure or Teams doesn't answer, restarting the bot doesn't help.
      healthCheckPath: '/healthz'
      ipSecurityRestrictionsDefaultAction: empty(reachableFrom) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (each, index) in reachableFrom: {
          name: 'allowed-${index}'
          priority: 100 + index
          action: 'Allow'
          tag: contains(each, '/') ? 'Default' : 'ServiceTag'
          ipAddress: each
          headers: each == 'AzureFrontDoor.Backend' && !empty(frontDoorId) ? frontDoor : {}
        }
      ]
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: empty(deployableFrom) ? 'Allow' : 'Deny'
      scmIpSecurityRestrictions: [
        for (each, index) in deployableFrom: {
          name: 'allowed-${index}'
          priority: 100 + index
          action: 'Allow'
          tag: contains(each, '/') ? 'Default' : 'ServiceTag'
          ipAddress: each
        }
      ]
    }
  }
}

var reachedBy = empty(publicHost) ? app.properties.defaultHostName : publicHost

resource variables 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(settings, {
    METRICS_TOKEN: metricsToken
    PORT: '8000'
    PUBLIC_URL: 'https://${reachedBy}'
    SCM_DO_BUILD_DURING_DEPLOYMENT: 'true'
    // App Service's build copies files without their times, by which Python tells whether what it has
    // compiled is outdated. So each start would compile everything anew, for longer than the rest of it.
    POST_BUILD_COMMAND: 'python -m compileall -q -f --invalidation-mode unchecked-hash . || true'
    // In seconds. The bot needs up to ten; Azure's default is five.
    WEBSITES_CONTAINER_STOP_TIME_LIMIT: '30'
  }, otherSettings)
}

// Code can only be deployed with an Entra sign-in.
resource passwords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [
  for entrance in ['ftp', 'scm']: {
    parent: app
    name: entrance
    properties: {
      allow: false
    }
  }
]

output name string = app.name
output host string = app.properties.defaultHostName
output outboundAddresses string = app.properties.possibleOutboundIpAddresses
