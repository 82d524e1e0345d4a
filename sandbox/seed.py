"""What exists when the sandbox starts: people, vaults, apps and permissions.

Scripts and tests take every ID and name from here. IDs are fixed, so that a walk-through can be
repeated; secret values aren't part of the seed and are random at each start.
"""

import secrets
from dataclasses import dataclass, field, replace

from sandbox import roles


class SeedError(ValueError):
    """Raised for an invalid seed, with the reason and the place."""


@dataclass(frozen=True, slots=True)
class User:
    """Hold a person in the directory; an empty `mail` means they have none."""

    id: str
    display_name: str
    user_principal_name: str
    mail: str
    account_enabled: bool = True
    user_type: str = "Member"


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """Hold a group; `members` are the object IDs of people, principals and other groups.

    A group that hides its members shows them to who has Member.Read.Hidden, and none to others.
    """

    id: str
    display_name: str
    members: tuple[str, ...] = ()
    hides_members: bool = False


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """Hold an application or a managed identity; `id` is its object ID.

    People can sign in to an application that has `redirect_uris`.
    """

    id: str
    display_name: str
    client_id: str
    managed_identity: bool = False
    graph_permissions: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    optional_claims: tuple[str, ...] = ()
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


@dataclass(frozen=True, slots=True)
class VersionSeed:
    """Hold one version of a secret; ages and expiry count in days from the start."""

    enabled: bool = True
    age_days: float = 0
    expires_in_days: float | None = None


@dataclass(frozen=True, slots=True)
class SecretSeed:
    """Hold a secret and its versions, oldest first.

    Its newest value is random, unless it is the first key of the storage account `key_of`, or the
    first client secret of the application `password_of` (an object ID). No one can set a secret
    that belongs to a `certificate`.
    """

    name: str
    versions: tuple[VersionSeed, ...] = (VersionSeed(),)
    content_type: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    key_of: str = ""
    password_of: str = ""
    certificate: bool = False


@dataclass(frozen=True, slots=True)
class VaultSeed:
    """Hold a vault; without `rbac` only access policies count, and there are none at the start."""

    name: str
    secrets: tuple[SecretSeed, ...] = ()
    rbac: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """Hold an app setting: a literal `value`, a copy of a secret's value, or a reference to one.

    A reference is written as `SecretUri=…`, or as `VaultName=…;SecretName=…` with `by_name`;
    `pinned` includes the newest version.
    """

    key: str
    value: str = ""
    copy_of: str = ""
    reference_to: str = ""
    pinned: bool = False
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class SiteSeed:
    """Hold an app or one of its slots, with the managed identity that resolves its references.

    Its secrets are looked up in `vault`.
    """

    name: str
    identity: str
    vault: str
    slot: str = ""
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class StorageAccountSeed:
    """Hold a storage account; its two keys are as old as the account.

    `operators` are the principals that can list and regenerate the keys.
    """

    name: str
    operators: tuple[str, ...] = ()
    age_days: float = 0


@dataclass(frozen=True, slots=True)
class ApplicationSeed:
    """Hold an app registration, its owners and the names of its client secrets.

    People can sign in to an app that has `redirect_uris`; `optional_claims` are those of its ID
    tokens. The app proves itself with a client secret, with the key of one of its `certificates`
    (in PEM), or as one of the managed identities in its federated credentials, `federated`: their
    object IDs.
    """

    id: str
    display_name: str
    client_id: str
    owners: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    optional_claims: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """Hold a role assignment that exists from the start; `scope` is a full resource ID."""

    principal: str
    role: str
    scope: str
    description: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class LockSeed:
    """Hold a resource lock; `level` is `CanNotDelete` or `ReadOnly`, `scope` a full resource ID."""

    name: str
    scope: str
    level: str = "CanNotDelete"


@dataclass(frozen=True, slots=True)
class Seed:
    """Hold everything that exists at the start; the first vault is served on the main port."""

    tenant_id: str
    organization: str
    subscription_id: str
    resource_group: str
    users: tuple[User, ...]
    service_principals: tuple[ServicePrincipal, ...]
    bot: str
    """The object ID of the identity endpoint's default identity."""
    operator: str
    """The object ID of a principal that can do everything, for tests and setup."""
    vaults: tuple[VaultSeed, ...]
    sites: tuple[SiteSeed, ...]
    rights: tuple[Right, ...]
    storage_accounts: tuple[StorageAccountSeed, ...] = ()
    applications: tuple[ApplicationSeed, ...] = ()
    locks: tuple[LockSeed, ...] = ()
    groups: tuple[DirectoryGroup, ...] = ()

    @property
    def group_scope(self) -> str:
        """Return the resource group's ID."""
        return group_scope(self.subscription_id, self.resource_group)

    def vault_scope(self, name: str) -> str:
        """Return a vault's resource ID."""
        return vault_scope(self.group_scope, name)

    @property
    def workspace_scope(self) -> str:
        """Return the resource ID of the Log Analytics workspace with the vaults' logs."""
        return workspace_scope(self.group_scope)

    def site_scope(self, name: str, slot: str = "") -> str:
        """Return the resource ID of an app or of its slot."""
        return site_scope(self.group_scope, name, slot)

    def storage_scope(self, name: str) -> str:
        """Return the resource ID of a storage account."""
        return storage_scope(self.group_scope, name)

    def service_principal(self, object_id: str) -> ServicePrincipal:
        """Return the service principal with this object ID; raise KeyError if there is none."""
        return {one.id: one for one in self.service_principals}[object_id]

    def with_vault(self, name: str) -> "Seed":
        """Return a seed with a vault of this name; a new vault is empty."""
        if name in {vault.name for vault in self.vaults}:
            return self
        return replace(self, vaults=(*self.vaults, VaultSeed(name)))


def group_scope(subscription_id: str, resource_group: str) -> str:
    """Return the ID of a resource group."""
    return f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"


def vault_scope(group: str, name: str) -> str:
    """Return the resource ID of a vault in a group."""
    return f"{group}/providers/Microsoft.KeyVault/vaults/{name}"


def site_scope(group: str, name: str, slot: str = "") -> str:
    """Return the resource ID of an app in a group, or of its slot."""
    site = f"{group}/providers/Microsoft.Web/sites/{name}"
    return f"{site}/slots/{slot}" if slot else site


def storage_scope(group: str, name: str) -> str:
    """Return the resource ID of a storage account in a group."""
    return f"{group}/providers/Microsoft.Storage/storageAccounts/{name}"


def workspace_scope(group: str) -> str:
    """Return the resource ID of the Log Analytics workspace in a group."""
    return f"{group}/providers/Microsoft.OperationalInsights/workspaces/{WORKSPACE}"


TENANT_ID = "10000000-0000-4000-8000-000000000001"
SUBSCRIPTION_ID = "00000000-0000-0000-0000-000000000001"
RESOURCE_GROUP = "demo-rg"
VAULT = "demo-vault"
SITE = "demo-app"
SLOT = "staging"
STORAGE_ACCOUNT = "demostorage"
WORKSPACE = "demo-logs"
WORKSPACE_ID = "80000000-0000-4000-8000-000000000001"
"""What queries name the workspace by."""

IDENTITY_HEADER = "sandbox"
"""The header value that identity endpoint callers send: not a secret, as loopback needs none."""

DANA = User(
    "20000000-0000-4000-8000-000000000001",
    "Dana Developer",
    "dana@contoso.com",
    "dana@contoso.com",
)
AVERY = User(
    "20000000-0000-4000-8000-000000000002",
    "Avery Approver",
    "avery@contoso.com",
    "avery@contoso.com",
)
ROBIN = User(
    "20000000-0000-4000-8000-000000000003",
    "Robin Reviewer",
    "robin@contoso.com",
    "robin@contoso.com",
)
MORGAN = User(
    "20000000-0000-4000-8000-000000000004",
    "Morgan Maintainer",
    "mmaintainer@contoso.com",
    "morgan.maintainer@contoso.com",
)
SAM = User(
    "20000000-0000-4000-8000-000000000005",
    "Sam Suspended",
    "sam@contoso.com",
    "sam@contoso.com",
    account_enabled=False,
)
GALE = User(
    "20000000-0000-4000-8000-000000000006",
    "Gale Guest",
    "gale_fabrikam.com#EXT#@contoso.com",
    "gale@fabrikam.com",
    user_type="Guest",
)
CANARY = User(
    "20000000-0000-4000-8000-000000000007",
    "Drill Canary",
    "drill-canary@contoso.com",
    "",
    account_enabled=False,
)
"""What drills give access to: nobody signs in as it."""

PAYMENTS_ON_CALL = DirectoryGroup(
    "70000000-0000-4000-8000-000000000001", "Payments on call", (ROBIN.id, SAM.id)
)
PAYMENTS_APPROVERS = DirectoryGroup(
    "70000000-0000-4000-8000-000000000002",
    "Payments approvers",
    (AVERY.id, PAYMENTS_ON_CALL.id),
)

BOT = ServicePrincipal(
    "30000000-0000-4000-8000-000000000001",
    "latchkey-bot",
    "40000000-0000-4000-8000-000000000001",
    managed_identity=True,
    graph_permissions=("User.Read.All", "GroupMember.Read.All", "Application.ReadWrite.OwnedBy"),
)
APP_IDENTITY = ServicePrincipal(
    "30000000-0000-4000-8000-000000000002",
    SITE,
    "40000000-0000-4000-8000-000000000002",
    managed_identity=True,
)
OPERATOR = ServicePrincipal(
    "30000000-0000-4000-8000-000000000003",
    "contoso-operator",
    "40000000-0000-4000-8000-000000000003",
)

PARTNER_APPLICATION = ApplicationSeed(
    "60000000-0000-4000-8000-000000000001",
    "contoso-partner-client",
    "40000000-0000-4000-8000-000000000004",
    owners=(BOT.id,),
    passwords=("made by hand",),
)

SIGN_IN_APPLICATION = ApplicationSeed(
    "60000000-0000-4000-8000-000000000002",
    "Latchkey sign-in",
    "40000000-0000-4000-8000-000000000005",
    redirect_uris=(
        "http://localhost/sign-in/callback",  # any port
        "https://latchkey.contoso.com/sign-in/callback",
    ),
    optional_claims=("auth_time",),
    federated=(BOT.id,),
)

DEMO_API_KEY = "demo-api-key"
APP_API_KEY = "app-api-key"
DEMO_DB_PASSWORD = "demo-db-password"  # noqa: S105 - the name of a secret
OLD_API_KEY = "old-api-key"
PAYMENTS_WEBHOOK_KEY = "payments-webhook-key"
REPORTING_TOKEN = "reporting-token"  # noqa: S105 - the name of a secret
STORAGE_KEY = "storage-key"
DRILL_SECRET = "drill-canary"  # noqa: S105 - the name of a secret
PARTNER_CLIENT_SECRET = "partner-client-secret"  # noqa: S105 - the name of a secret

LITERAL_SETTING = "API_KEY"
UNVERSIONED_SETTING = "DB_PASSWORD"
PINNED_SETTING = "REPORTING_TOKEN"


def only_this_role(role: roles.RoleDefinition) -> str:
    """Write the condition that limits an access administrator to assigning one role."""
    write = f"!(ActionMatches{{'{roles.WRITE_ASSIGNMENT}'}})"
    delete = f"!(ActionMatches{{'{roles.DELETE_ASSIGNMENT}'}})"
    attribute = "Microsoft.Authorization/roleAssignments:RoleDefinitionId"
    is_it = f"ForAnyOfAnyValues:GuidEquals {{{role.guid}}}"
    return (
        f"(({write}) OR (@Request[{attribute}] {is_it}))"
        f" AND (({delete}) OR (@Resource[{attribute}] {is_it}))"
    )


def default_seed() -> Seed:
    """Return the tenant used in the walk-throughs."""
    group = group_scope(SUBSCRIPTION_ID, RESOURCE_GROUP)
    return Seed(
        tenant_id=TENANT_ID,
        organization="Contoso",
        subscription_id=SUBSCRIPTION_ID,
        resource_group=RESOURCE_GROUP,
        users=(DANA, AVERY, ROBIN, MORGAN, SAM, GALE, CANARY),
        service_principals=(BOT, APP_IDENTITY, OPERATOR),
        bot=BOT.id,
        operator=OPERATOR.id,
        vaults=(VaultSeed(VAULT, _demo_secrets()),),
        sites=(
            SiteSeed(SITE, APP_IDENTITY.id, VAULT, settings=_demo_settings()),
            SiteSeed(SITE, APP_IDENTITY.id, VAULT, SLOT, settings=_staging_settings()),
        ),
        rights=_rights(group),
        storage_accounts=(StorageAccountSeed(STORAGE_ACCOUNT, (BOT.id,), age_days=60),),
        applications=(PARTNER_APPLICATION, SIGN_IN_APPLICATION),
        groups=(PAYMENTS_APPROVERS, PAYMENTS_ON_CALL),
    )


def _demo_secrets() -> tuple[SecretSeed, ...]:
    return (
        SecretSeed(
            DEMO_API_KEY,
            (VersionSeed(age_days=40), VersionSeed(age_days=12)),
            tags={"team": "demo"},
        ),
        SecretSeed(
            APP_API_KEY,
            (VersionSeed(enabled=False, age_days=62), VersionSeed(age_days=31, expires_in_days=59)),
            tags={"team": "web", "owner": AVERY.mail},
        ),
        SecretSeed(
            DEMO_DB_PASSWORD,
            (VersionSeed(age_days=20),),
            content_type="password",
            tags={"team": "web"},
        ),
        SecretSeed(
            OLD_API_KEY, (VersionSeed(age_days=400), VersionSeed(enabled=False, age_days=200))
        ),
        SecretSeed(PAYMENTS_WEBHOOK_KEY, (VersionSeed(age_days=8),), tags={"team": "payments"}),
        SecretSeed(
            REPORTING_TOKEN, (VersionSeed(age_days=90, expires_in_days=5),), tags={"team": "data"}
        ),
        SecretSeed(DRILL_SECRET, (VersionSeed(age_days=30),)),
        SecretSeed(STORAGE_KEY, (VersionSeed(age_days=60),), key_of=STORAGE_ACCOUNT),
        SecretSeed(
            PARTNER_CLIENT_SECRET, (VersionSeed(age_days=60),), password_of=PARTNER_APPLICATION.id
        ),
    )


def _demo_settings() -> tuple[Setting, ...]:
    return (
        Setting(LITERAL_SETTING, copy_of=APP_API_KEY),
        Setting(UNVERSIONED_SETTING, reference_to=DEMO_DB_PASSWORD),
        Setting(PINNED_SETTING, reference_to=REPORTING_TOKEN, pinned=True, by_name=True),
        Setting("APP_ENVIRONMENT", "production"),
        Setting("FEATURE_FLAGS", "checkout-v2,search"),
        Setting("LOG_LEVEL", "info"),
    )


def _staging_settings() -> tuple[Setting, ...]:
    return (
        Setting(LITERAL_SETTING, copy_of=APP_API_KEY),
        Setting(UNVERSIONED_SETTING, reference_to=DEMO_DB_PASSWORD, by_name=True),
        Setting(PINNED_SETTING, reference_to=REPORTING_TOKEN, pinned=True),
        Setting("APP_ENVIRONMENT", "staging"),
    )


def _rights(group: str) -> tuple[Right, ...]:
    vault = vault_scope(group, VAULT)
    rotated = tuple(
        Right(
            BOT.id,
            roles.KEY_VAULT_SECRETS_OFFICER.guid,
            f"{vault}/secrets/{name}",
            "the bot rotates this secret",
        )
        for name in (
            APP_API_KEY,
            DEMO_DB_PASSWORD,
            REPORTING_TOKEN,
            STORAGE_KEY,
            PARTNER_CLIENT_SECRET,
        )
    )
    return (
        Right(BOT.id, roles.KEY_VAULT_READER.guid, vault, "the bot can list secrets"),
        Right(
            BOT.id,
            roles.RBAC_ADMINISTRATOR.guid,
            vault,
            "the bot grants and revokes this one role",
            only_this_role(roles.KEY_VAULT_SECRETS_USER),
        ),
        *rotated,
        Right(
            BOT.id,
            roles.WEBSITE_CONTRIBUTOR.guid,
            site_scope(group, SITE),
            "the bot updates the settings of a dependent app",
        ),
        Right(
            BOT.id,
            roles.LOG_ANALYTICS_DATA_READER.guid,
            workspace_scope(group),
            "the bot sees who read which secret",
        ),
        Right(
            APP_IDENTITY.id,
            roles.KEY_VAULT_SECRETS_USER.guid,
            vault,
            "the app resolves its Key Vault references",
        ),
        Right(OPERATOR.id, roles.OWNER.guid, f"/subscriptions/{SUBSCRIPTION_ID}"),
        Right(OPERATOR.id, roles.KEY_VAULT_ADMINISTRATOR.guid, f"/subscriptions/{SUBSCRIPTION_ID}"),
    )
