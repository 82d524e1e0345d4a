// Everything that Latchkey needs in Azure, in the bot's own resource group. The vault and the apps
// that it works on must exist already, and can be in another group.
targetScope = 'resourceGroup'

@description('Prefix for the names of all resources: letters and digits. A storage account has its name in lower case, and without hyphens.')
@minLength(3)
@maxLength(11)
param name string = 'latchkey'

param location string = resourceGroup().location

@description('The vault with the secrets. It must use the RBAC permission model.')
param vaultName string

@description('The resource group of the vault, and of dependentAppServiceName.')
param vaultResourceGroup string = resourceGroup().name

@description('Names of the secrets that people can request.')
param allowedSecrets string[]

@description('Approvers: emails, Entra object IDs, or groups as group:OBJECT-ID. See step 3 of docs/deploy.md for groups.')
@minLength(1)
param approvers string[]

@description('Admins: emails, Entra object IDs, or groups as group:OBJECT-ID. Name at least one in person.')
param admins string[] = approvers

@description('Group ID of the team of the audit channel.')
param auditTeamId string

@description('ID of the audit channel: 19:…@thread.tacv2.')
param auditChannelId string

@description('Language of the audit channel. People read the language of their Teams.')
@allowed(['en', 'de'])
param auditLanguage string = 'en'

@description('GUID of the role to grant, unless the policy file names another: Key Vault Secrets User.')
@minLength(36)
@maxLength(36)
param grantedRoleId string = '4633458b-17de-408a-b874-0445c86b69e6'

@description('Scope of a grant: the whole vault, or only the requested secret.')
@allowed(['vault', 'secret'])
param grantScope string = 'vault'

@description('The longest access, in hours; decimals allowed.')
param maxAccessHours string = '4'

@description('The shortest access, in minutes; decimals allowed.')
param minAccessMinutes string = '5'

@description('A secret to rotate. For more secrets or dependents, use a policy file.')
param rotationSecretName string = ''

@description('When to rotate it: cron with five fields, in UTC.')
param rotationSchedule string = '0 3 1 * *'

@description('How many hours the old version stays enabled; decimals allowed.')
param rotationOverlapHours string = '24'

@description('The App Service (or app/slot) that uses the rotated secret.')
param dependentAppServiceName string = ''

@description('The app setting that holds the rotated secret.')
param dependentAppSetting string = ''

@description('A secret that is worth nothing, for drills.')
param drillSecretName string = ''

@description('The object ID of a user who can\'t sign in. Drills give it access to that secret.')
param drillPrincipalId string = ''

@description('When drills are due, as cron in UTC. Empty: only on command.')
param drillSchedule string = ''

@description('Path of the policy file for the bot: policy.toml, if you deploy it with the code.')
param policyFile string = ''

// The rights that a policy file needs: `python scripts/dev.py rights policy.toml` prints these four. An
// entry can also name a subscription, if it isn't the bot's own.
@description('Where the bot grants access: vault, resourceGroup, and roles, the GUIDs of all roles that it can grant there.')
param vaults object[] = [
  {
    vault: vaultName
    resourceGroup: vaultResourceGroup
    roles: [grantedRoleId]
  }
]

@description('Secrets that the bot rotates: vault, resourceGroup and secret.')
param rotatedSecrets object[] = []

@description('Apps whose settings the bot changes: app and resourceGroup.')
param dependentApps object[] = []

@description('Storage accounts whose keys the bot rotates: account and resourceGroup.')
param rotatedStorageAccounts object[] = []

@description('Whether the bot sees how full each vault\'s subscription is with role assignments, as a Reader of all of it.')
param withSubscriptionReader bool = false

@description('Client ID of the app registration with which people sign in to approve.')
param signInClientId string = ''

@description('Whether to spread the replicas, two at least, over the region\'s zones. Needs a Premium plan (P0v3, P1v3, …), and a region with zones.')
param zoneRedundant bool = false

@description('Size of the App Service plan. Basic, Standard or Premium, since the bot must always be on; Premium if zoneRedundant. Others are refused.')
param planSku string = zoneRedundant ? 'P0v3' : 'B1'

@description('Number of replicas of the bot.')
@minValue(1)
param replicas int = 1

@description('The Python that the bot runs on.')
@allowed(['3.11', '3.12', '3.13', '3.14'])
param pythonVersion string = '3.13'

@description('Redundancy of the storage account; not every region has ZRS. With GRS or GZRS, a copy is kept in the paired region.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Whether a lock keeps the storage account from being deleted. Whoever deploys it needs the right to set locks: Owner, or User Access Administrator.')
param lockStorage bool = true

@description('Whether the bot reaches its storage account over a virtual network alone.')
param withNetwork bool = false

@description('Private addresses of that network: a /25 or larger.')
param networkPrefix string = '10.77.0.0/24'

@description('Public IPv4 addresses or ranges from which people may read the table nevertheless; not /31 or /32.')
param storageOpenTo string[] = []

@description('Container in it for requests and rotations that ended long ago; empty to keep all of them in the table.')
param archiveName string = ''

@description('Days after their end until they are archived and removed from the table; 0 to keep them.')
param retentionDays int = 400

@description('Pricing tier of the bot registration; both are free for Teams.')
@allowed(['F0', 'S1'])
param botSku string = 'F0'

@description('Where Azure keeps what it knows of the bot\'s messages: a region for data residency, or everywhere.')
@allowed(['global', 'westeurope', 'centralindia'])
param botLocation string = 'global'

@description('Whether to send metrics to Application Insights, and logs to Log Analytics.')
param withTelemetry bool = false

@description('Whether the bot shows who read which secret, with withTelemetry, from the logs that the vaults send to Log Analytics.')
param withReads bool = false

@description('Whether the vaults send their logs to Log Analytics, with withTelemetry.')
param withVaultLogs bool = false

@description('Other variables of the bot, by their names in docs/variables.md. They count before those from the other parameters.')
param otherSettings object = {}

@description('How the bot logs: lines of text, or a JSON object on each line.')
@allowed(['text', 'json'])
param logFormat string = 'text'

@description('A token without which nobody reads /metrics and the reasons of /readyz. Each deployment makes another one, unless you set it. Empty: everybody reads them.')
@secure()
param metricsToken string = newGuid()

@description('Who reaches the bot: public addresses or ranges with a slash, or service tags, such as AzureFrontDoor.Backend. Empty: the internet. Teams has to reach /api/messages.')
param reachableFrom string[] = []

@description('Host of a gateway or of your own domain, by which Teams and people\'s browsers reach the bot. Empty: the App Service\'s.')
param publicHost string = ''

@description('ID of the only Front Door that reaches the bot, if reachableFrom has AzureFrontDoor.Backend. Empty: any.')
param frontDoorId string = ''

@description('From where code can be deployed, likewise; a sign-in to Entra is needed in any case.')
param deployableFrom string[] = []

@description('Mail address for alerts, which need withTelemetry; empty for none.')
param alertEmail string = ''

@description('From where Azure asks /readyz, by the IDs of Application Insights. Other clouds have other places.')
@minLength(1)
param testLocations string[] = [
  'emea-nl-ams-azr'
  'emea-gb-db3-azr'
  'us-va-ash-azr'
  'us-ca-sjc-azr'
  'apac-sg-sin-azr'
]

var suffix = uniqueString(resourceGroup().id)
var fullName = '${name}-${suffix}'
var accountName = '${replace(toLower(name), '-', '')}${suffix}'
var secretToRotate = {
  vault: vaultName
  resourceGroup: vaultResourceGroup
  secret: rotationSecretName
}
var secretsToRotate = union(rotatedSecrets, empty(rotationSecretName) ? [] : [secretToRotate])
var appToChange = {
  app: first(split(dependentAppServiceName, '/'))
  resourceGroup: vaultResourceGroup
}
var vaultSubscriptions = [for each in vaults: each.?subscription ?? subscription().subscriptionId]
// Azure itself refuses these in the middle of the deployment. Variables are evaluated before it begins.
var planTier = toLower(take(planSku, 1))
var lastingPlanSku = contains(['b', 's', 'p'], planTier) ? planSku : fail('planSku has to be Basic, Standard or Premium, since the bot must always be on.')
var checkedPlanSku = zoneRedundant && planTier != 'p' ? fail('zoneRedundant needs a Premium plan, such as P0v3 or P1v3: set planSku to one, or leave it out.') : lastingPlanSku
var appsToChange = union(dependentApps, empty(dependentAppServiceName) ? [] : [appToChange])

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: fullName
    location: location
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: accountName
    location: location
    sku: storageSku
    isPrivate: withNetwork
    openTo: withNetwork ? storageOpenTo : []
    isLocked: lockStorage
    principalId: identity.outputs.principalId
  }
}

module archive 'modules/archive.bicep' = if (!empty(archiveName)) {
  name: 'archive'
  dependsOn: [storage]
  params: {
    accountName: accountName
    name: archiveName
    principalId: identity.outputs.principalId
  }
}

module vaultAccess 'modules/vault-access.bicep' = [
  for each in vaults: {
    name: 'vault-access-${uniqueString(each.vault)}'
    scope: resourceGroup(each.?subscription ?? subscription().subscriptionId, each.resourceGroup)
    params: {
      vaultName: each.vault
      roleIds: each.roles
      principalId: identity.outputs.principalId
    }
  }
]

module subscriptionReader 'modules/subscription-reader.bicep' = [
  for each in (withSubscriptionReader ? union(vaultSubscriptions, vaultSubscriptions) : []): {
    name: 'subscription-reader-${uniqueString(each)}'
    scope: subscription(each)
    params: {
      principalId: identity.outputs.principalId
    }
  }
]

module vaultLogs 'modules/vault-logs.bicep' = [
  for each in (withTelemetry && withVaultLogs ? vaults : []): {
    name: 'vault-logs-${uniqueString(each.vault)}'
    scope: resourceGroup(each.?subscription ?? subscription().subscriptionId, each.resourceGroup)
    params: {
      vaultName: each.vault
      workspaceId: telemetry!.outputs.workspaceId
    }
  }
]

module rotatedSecret 'modules/rotated-secret.bicep' = [
  for each in secretsToRotate: {
    name: 'rotated-secret-${uniqueString(each.vault, each.secret)}'
    scope: resourceGroup(each.?subscription ?? subscription().subscriptionId, each.resourceGroup)
    params: {
      vaultName: each.vault
      secretName: each.secret
      principalId: identity.outputs.principalId
    }
  }
]

module changedApp 'modules/dependent-app.bicep' = [
  for each in appsToChange: {
    name: 'dependent-app-${uniqueString(each.app)}'
    scope: resourceGroup(each.?subscription ?? subscription().subscriptionId, each.resourceGroup)
    params: {
      appName: each.app
      principalId: identity.outputs.principalId
    }
  }
]

module rotatedStorageAccount 'modules/rotated-storage-account.bicep' = [
  for each in rotatedStorageAccounts: {
    name: 'rotated-account-${uniqueString(each.account)}'
    scope: resourceGroup(each.?subscription ?? subscription().subscriptionId, each.resourceGroup)
    params: {
      accountName: each.account
      principalId: identity.outputs.principalId
    }
  }
]

module telemetry 'modules/telemetry.bicep' = if (withTelemetry) {
  name: 'telemetry'
  params: {
    name: fullName
    location: location
  }
}

module readLog 'modules/read-log.bicep' = if (withTelemetry && withReads) {
  name: 'read-log'
  dependsOn: [telemetry]
  params: {
    workspaceName: fullName
    principalId: identity.outputs.principalId
  }
}

module network 'modules/network.bicep' = if (withNetwork) {
  name: 'network'
  params: {
    name: fullName
    location: location
    addressPrefix: networkPrefix
    accountName: storage.outputs.name
    services: empty(archiveName) ? ['table'] : ['table', 'blob']
  }
}

module plan 'modules/plan.bicep' = {
  name: 'plan'
  params: {
    name: fullName
    location: location
    sku: checkedPlanSku
    replicas: zoneRedundant ? max(replicas, 2) : replicas
    zoneRedundant: zoneRedundant
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    name: fullName
    location: location
    planId: plan.outputs.id
    pythonVersion: pythonVersion
    identityId: identity.outputs.id
    subnetId: withNetwork ? network!.outputs.appSubnetId : ''
    metricsToken: metricsToken
    reachableFrom: reachableFrom
    frontDoorId: frontDoorId
    deployableFrom: deployableFrom
    otherSettings: otherSettings
    publicHost: publicHost
    settings: {
      MicrosoftAppType: 'UserAssignedMSI'
      MicrosoftAppId: identity.outputs.clientId
      MicrosoftAppTenantId: tenant().tenantId
      KEY_VAULT_NAME: vaultName
      AZURE_SUBSCRIPTION_ID: subscription().subscriptionId
      AZURE_RESOURCE_GROUP: vaultResourceGroup
      ALLOWED_SECRETS: string(allowedSecrets)
      MAX_ACCESS_HOURS: maxAccessHours
      MIN_ACCESS_MINUTES: minAccessMinutes
      SECRET_APPROVER_EMAIL: join(approvers, ',')
      ADMIN_USERS: join(admins, ',')
      ADMIN_TEAMS_GROUP_ID: auditTeamId
      ADMIN_TEAMS_CHANNEL_ID: auditChannelId
      AUDIT_LANGUAGE: auditLanguage
      KEY_VAULT_ROLE_DEFINITION_ID: grantedRoleId
      GRANT_SCOPE: grantScope
      ROTATION_SECRET_NAME: rotationSecretName
      ROTATION_SCHEDULE: rotationSchedule
      ROTATION_OVERLAP_HOURS: rotationOverlapHours
      DEPENDENT_APP_SERVICE_NAME: dependentAppServiceName
      DEPENDENT_APP_SETTING: dependentAppSetting
      DRILL_SECRET: drillSecretName
      DRILL_PRINCIPAL_ID: drillPrincipalId
      DRILL_SCHEDULE: drillSchedule
      POLICY_FILE: policyFile
      SIGN_IN_CLIENT_ID: signInClientId
      AZURE_TABLES_ENDPOINT: storage.outputs.tablesEndpoint
      ARCHIVE_CONTAINER_URL: empty(archiveName) ? '' : archive!.outputs.url
      RETENTION_DAYS: string(retentionDays)
      LOG_ANALYTICS_WORKSPACE_ID: withTelemetry && withReads ? readLog!.outputs.customerId : ''
      AZURE_CLIENT_ID: identity.outputs.clientId
      AZURE_CLOUD: environment().name
      LOG_FORMAT: logFormat
      APPLICATIONINSIGHTS_CONNECTION_STRING: withTelemetry ? telemetry!.outputs.connectionString : ''
    }
  }
}

module diagnostics 'modules/diagnostics.bicep' = if (withTelemetry) {
  name: 'diagnostics'
  params: {
    appName: app.outputs.name
    accountName: storage.outputs.name
    workspaceId: telemetry!.outputs.workspaceId
  }
}

module workbook 'modules/workbook.bicep' = if (withTelemetry) {
  name: 'workbook'
  params: {
    location: location
    workspaceId: telemetry!.outputs.workspaceId
  }
}

module alerts 'modules/alerts.bicep' = if (withTelemetry && !empty(alertEmail)) {
  name: 'alerts'
  params: {
    name: fullName
    location: location
    email: alertEmail
    host: app.outputs.host
    workspaceId: telemetry!.outputs.workspaceId
    componentId: telemetry!.outputs.componentId
    testLocations: testLocations
  }
}

module bot 'modules/bot.bicep' = {
  name: 'bot'
  params: {
    name: fullName
    location: botLocation
    sku: botSku
    endpoint: 'https://${empty(publicHost) ? app.outputs.host : publicHost}/api/messages'
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
  }
}

@description('The bot\'s app ID, for the Teams app package.')
output appId string = identity.outputs.clientId

@description('The bot\'s object ID, for the consent to User.Read.All and GroupMember.Read.All in Microsoft Graph.')
output principalId string = identity.outputs.principalId

@description('Name of the App Service to deploy the code to.')
output appName string = app.outputs.name

@description('Host that serves /healthz, /readyz and /metrics.')
output host string = app.outputs.host

@description('Addresses that the bot can send from, for the firewalls of vaults and others.')
output outboundAddresses string = app.outputs.outboundAddresses
