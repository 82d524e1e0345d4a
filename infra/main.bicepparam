using 'main.bicep'

param vaultName = 'contoso-vault'
param vaultResourceGroup = 'contoso-secrets'
param allowedSecrets = ['demo-api-key', 'app-api-key']
param approvers = ['avery@contoso.com', 'robin@contoso.com']
param auditTeamId = '00000000-0000-0000-0000-000000000000'
param auditChannelId = '19:0123456789abcdef0123456789abcdef@thread.tacv2'
