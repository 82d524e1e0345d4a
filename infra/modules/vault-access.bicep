// Lets the bot see which secrets exist in the vault, and assign some roles to people.

param vaultName string

@description('GUIDs of the roles that the bot can assign, and no others.')
@minLength(1)
param roleIds string[]

param principalId string

var keyVaultReader = '21090545-7ca7-4776-b22c-e363652d74d2'
var roleBasedAccessControlAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'

// The bot isn't a user, so it can't give a role to itself. The condition follows Microsoft Learn,
// "Examples to delegate Azure role assignment management with conditions".
var theseRolesToUsers = replace(
  '''
(
 (
  !(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})
 )
 OR
 (
  @Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {GRANTED}
  AND
  @Request[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'User'}
 )
)
AND
(
 (
  !(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})
 )
 OR
 (
  @Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {GRANTED}
  AND
  @Resource[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'User'}
 )
)
''',
  'GRANTED',
  join(roleIds, ', ')
)

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

// Also shows whether the vault uses Azure RBAC. Without it, no access could be granted.
resource seesWhichSecretsExist 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, keyVaultReader)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      keyVaultReader
    )
  }
}

// Its */read also shows the resource locks, which would prevent a revocation.
resource assignsTheseRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, roleBasedAccessControlAdministrator)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleBasedAccessControlAdministrator
    )
    condition: theseRolesToUsers
    conditionVersion: '2.0'
  }
}
