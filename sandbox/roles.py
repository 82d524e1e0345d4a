"""The built-in roles that matter here, and what each allows.

The GUIDs are Azure's own, the same in every tenant.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

READ_METADATA = "Microsoft.KeyVault/vaults/secrets/readMetadata/action"
GET_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"  # noqa: S105 - an action's name
BACK_UP_SECRET = "Microsoft.KeyVault/vaults/secrets/backup/action"  # noqa: S105 - likewise
SET_SECRET = "Microsoft.KeyVault/vaults/secrets/setSecret/action"  # noqa: S105 - an action's name
UPDATE_SECRET = "Microsoft.KeyVault/vaults/secrets/update/action"  # noqa: S105 - an action's name
DELETE_SECRET = "Microsoft.KeyVault/vaults/secrets/delete"  # noqa: S105 - an action's name
RECOVER_SECRET = "Microsoft.KeyVault/vaults/secrets/recover/action"  # noqa: S105 - likewise
PURGE_SECRET = "Microsoft.KeyVault/vaults/secrets/purge/action"  # noqa: S105 - likewise

READ_ASSIGNMENT = "Microsoft.Authorization/roleAssignments/read"
WRITE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments/write"
DELETE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments/delete"
READ_PERMISSIONS = "Microsoft.Authorization/permissions/read"
READ_LOCKS = "Microsoft.Authorization/locks/read"
READ_VAULT = "Microsoft.KeyVault/vaults/read"

READ_SITE = "Microsoft.Web/sites/read"
LIST_SETTINGS = "Microsoft.Web/sites/config/list/action"
WRITE_SETTINGS = "Microsoft.Web/sites/config/write"
READ_CONFIG = "Microsoft.Web/sites/config/read"

QUERY_LOGS = "Microsoft.OperationalInsights/workspaces/query/read"
READ_LOGS = "Microsoft.OperationalInsights/workspaces/tables/data/read"

LIST_KEYS = "Microsoft.Storage/storageAccounts/listkeys/action"
REGENERATE_KEY = "Microsoft.Storage/storageAccounts/regeneratekey/action"


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """Hold a role definition: its name and the patterns of its allowed actions."""

    guid: str
    name: str
    description: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the tenant-wide resource ID."""
        return f"/providers/Microsoft.Authorization/roleDefinitions/{self.guid}"

    def allows(self, action: str) -> bool:
        """Tell whether a control-plane action is allowed."""
        return _any(self.actions, action) and not _any(self.not_actions, action)

    def allows_data(self, action: str) -> bool:
        """Tell whether a data-plane action is allowed."""
        return _any(self.data_actions, action)


def _any(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


KEY_VAULT_READER = RoleDefinition(
    "21090545-7ca7-4776-b22c-e363652d74d2",
    "Key Vault Reader",
    "Read metadata of key vaults and its certificates, keys, and secrets.",
    actions=("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/secrets/read"),
    data_actions=("Microsoft.KeyVault/vaults/*/read", READ_METADATA),
)
KEY_VAULT_SECRETS_USER = RoleDefinition(
    "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Secrets User",
    "Read secret contents.",
    data_actions=(GET_SECRET, READ_METADATA),
)
KEY_VAULT_SECRETS_OFFICER = RoleDefinition(
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets Officer",
    "Perform any action on the secrets of a key vault, except manage permissions.",
    actions=("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/secrets/read"),
    data_actions=("Microsoft.KeyVault/vaults/secrets/*",),
)
KEY_VAULT_ADMINISTRATOR = RoleDefinition(
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Administrator",
    "Perform all data plane operations on a key vault and all objects in it.",
    actions=("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/secrets/read"),
    data_actions=("Microsoft.KeyVault/vaults/*",),
)
RBAC_ADMINISTRATOR = RoleDefinition(
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "Role Based Access Control Administrator",
    "Manage access to Azure resources by assigning roles using Azure RBAC.",
    actions=(WRITE_ASSIGNMENT, DELETE_ASSIGNMENT, "*/read", "Microsoft.Support/*"),
)
WEBSITE_CONTRIBUTOR = RoleDefinition(
    "de139f84-1756-47ae-9be6-808fbbe84772",
    "Website Contributor",
    "Lets you manage websites (not web plans), but not access to them.",
    actions=("Microsoft.Authorization/*/read", "Microsoft.Web/sites/*"),
)
STORAGE_KEY_OPERATOR = RoleDefinition(
    "81a9662b-bebf-436f-a333-f67b29880f12",
    "Storage Account Key Operator Service Role",
    "Storage Account Key Operators are allowed to list and regenerate keys on Storage Accounts.",
    actions=(LIST_KEYS, REGENERATE_KEY),
)
LOG_ANALYTICS_DATA_READER = RoleDefinition(
    "3b03c2da-16b3-4a49-8834-0f8130efdd3b",
    "Log Analytics Data Reader",
    "Query log data, by default in all tables of a workspace.",
    actions=("Microsoft.OperationalInsights/workspaces/read", QUERY_LOGS),
    data_actions=(READ_LOGS,),
)
READER = RoleDefinition(
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Reader",
    "View all resources, but does not allow you to make any changes.",
    actions=("*/read",),
)
CONTRIBUTOR = RoleDefinition(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    "Grants full access to manage all resources, but not to assign roles.",
    actions=("*",),
    not_actions=(WRITE_ASSIGNMENT, DELETE_ASSIGNMENT),
)
OWNER = RoleDefinition(
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Owner",
    "Grants full access to manage all resources, including to assign roles.",
    actions=("*",),
)

BUILT_IN = {
    role.guid: role
    for role in (
        KEY_VAULT_READER,
        KEY_VAULT_SECRETS_USER,
        KEY_VAULT_SECRETS_OFFICER,
        KEY_VAULT_ADMINISTRATOR,
        RBAC_ADMINISTRATOR,
        WEBSITE_CONTRIBUTOR,
        STORAGE_KEY_OPERATOR,
        LOG_ANALYTICS_DATA_READER,
        READER,
        CONTRIBUTOR,
        OWNER,
    )
}


def find_role(role_definition_id: str) -> RoleDefinition | None:
    """Find a role by its GUID, or by its ID at any scope."""
    return BUILT_IN.get(role_definition_id.rstrip("/").rsplit("/", 1)[-1].lower())
