"""Settings from the environment and the policy file; all errors are reported at once, by name."""

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from domain.access.policy import Policy, ScopeKind
from domain.retention.retention import LEAST_DAYS
from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.rotation import AppSlot, Dependent
from domain.secrets import SecretValue, Vault, other_vault
from services import values, variables
from services.clouds import CLOUDS, AzureEndpoints
from services.policies import Policies
from services.policy_file.defaults import Defaults
from services.policy_file.problems import PolicyFileError
from services.policy_file.reading import read_policies
from services.rotation.kinds import RotationKinds
from services.variable_names import misspelt

KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
USUAL_REMINDER = timedelta(hours=1)
STAND_INS = {
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
    "AZURE_RESOURCE_GROUP": "unknown",
    "SECRET_APPROVER_EMAIL": ",".join(f"approver-{number}@unknown" for number in range(20)),
    "MAX_ACCESS_HOURS": "100000",
    "MIN_ACCESS_MINUTES": "0.001",
    "PUBLIC_URL": "https://unknown",
    "SIGN_IN_CLIENT_ID": "00000000-0000-0000-0000-000000000000",
}
"""Values used for invalid variables while the policy file is checked: permissive ones, so that the
file isn't blamed for an error in a variable."""


class ConfigurationError(Exception):
    """The configuration has errors; the message lists all of them."""

    def __init__(self, faults: list[str]) -> None:
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"Latchkey cannot start with this configuration:\n{lines}")
        self.faults = faults


Names = Annotated[tuple[str, ...], BeforeValidator(variables.people)]
Guid = Annotated[str, BeforeValidator(values.guid)]
Url = Annotated[str, BeforeValidator(values.https_url)]
Amount = Annotated[float, BeforeValidator(variables.positive)]


class Settings(BaseModel):
    """All settings, by the variables that operators set; an empty variable counts as unset."""

    model_config = ConfigDict(
        frozen=True, validate_by_alias=True, validate_by_name=False, arbitrary_types_allowed=True
    )

    app_type: Annotated[str, BeforeValidator(variables.app_type)] = Field(
        "SingleTenant", alias="MicrosoftAppType"
    )
    app_id: Guid | None = Field(None, alias="MicrosoftAppId")
    app_password: str | None = Field(None, alias="MicrosoftAppPassword", repr=False)
    app_tenant_id: Guid | None = Field(None, alias="MicrosoftAppTenantId")
    local: Annotated[bool, BeforeValidator(variables.switch)] = Field(False, alias="LATCHKEY_LOCAL")
    host: str = Field("0.0.0.0", alias="HOST")  # noqa: S104 - a container listens on all
    port: Annotated[int, BeforeValidator(variables.port)] = Field(3978, alias="PORT")

    key_vault_name: Annotated[str, BeforeValidator(values.vault_name)] | None = Field(
        None, alias="KEY_VAULT_NAME"
    )
    key_vault_url: Url | None = Field(None, alias="KEY_VAULT_URL")
    subscription_id: Guid = Field(alias="AZURE_SUBSCRIPTION_ID")
    resource_group: Annotated[str, BeforeValidator(values.resource_group)] = Field(
        alias="AZURE_RESOURCE_GROUP"
    )

    allowed_secrets: Annotated[tuple[str, ...], BeforeValidator(variables.json_list)] = Field(
        (), alias="ALLOWED_SECRETS"
    )
    max_access_hours: Amount = Field(4.0, alias="MAX_ACCESS_HOURS")
    min_access_minutes: Amount = Field(5.0, alias="MIN_ACCESS_MINUTES", validate_default=True)
    approvers: Names = Field(alias="SECRET_APPROVER_EMAIL")
    admins: Names | None = Field(None, alias="ADMIN_USERS")
    audit_team_id: Annotated[str, BeforeValidator(variables.team_id)] | None = Field(
        None, alias="ADMIN_TEAMS_GROUP_ID"
    )
    audit_channel_id: Annotated[str, BeforeValidator(variables.channel_id)] | None = Field(
        None, alias="ADMIN_TEAMS_CHANNEL_ID"
    )
    audit_language: Annotated[str, BeforeValidator(variables.language)] = Field(
        "en", alias="AUDIT_LANGUAGE"
    )
    role: Annotated[str, BeforeValidator(values.role)] = Field(
        KEY_VAULT_SECRETS_USER, alias="KEY_VAULT_ROLE_DEFINITION_ID"
    )
    scope_kind: Annotated[ScopeKind, BeforeValidator(variables.scope_kind)] = Field(
        ScopeKind.VAULT, alias="GRANT_SCOPE"
    )

    rotation_secret: Annotated[str, BeforeValidator(variables.secret_name)] | None = Field(
        None, alias="ROTATION_SECRET_NAME"
    )
    rotation_schedule: Annotated[str, BeforeValidator(values.cron)] = Field(
        "0 3 1 * *", alias="ROTATION_SCHEDULE"
    )
    rotation_overlap_hours: Amount = Field(24.0, alias="ROTATION_OVERLAP_HOURS")
    dependent_app: Annotated[str, BeforeValidator(variables.app_and_slot)] | None = Field(
        None, alias="DEPENDENT_APP_SERVICE_NAME"
    )
    dependent_setting: Annotated[str, BeforeValidator(values.setting_name)] | None = Field(
        None, alias="DEPENDENT_APP_SETTING"
    )
    drill_secret: Annotated[str, BeforeValidator(variables.secret_name)] | None = Field(
        None, alias="DRILL_SECRET"
    )
    drill_principal_id: Guid | None = Field(None, alias="DRILL_PRINCIPAL_ID")
    drill_schedule: Annotated[str, BeforeValidator(values.cron)] | None = Field(
        None, alias="DRILL_SCHEDULE"
    )
    policy_file: Path | None = Field(None, alias="POLICY_FILE")

    public_url: Annotated[str, BeforeValidator(variables.origin)] | None = Field(
        None, alias="PUBLIC_URL"
    )
    sign_in_id: Guid | None = Field(None, alias="SIGN_IN_CLIENT_ID")
    sign_in_password: str | None = Field(None, alias="SIGN_IN_CLIENT_SECRET", repr=False)
    sign_in_certificate_path: str | None = Field(None, alias="SIGN_IN_CERTIFICATE_PATH")

    storage_connection_string: (
        Annotated[str, BeforeValidator(variables.connection_string)] | None
    ) = Field(None, alias="AZURE_STORAGE_CONNECTION_STRING", repr=False)
    tables_endpoint: Annotated[str, BeforeValidator(variables.tables_endpoint)] | None = Field(
        None, alias="AZURE_TABLES_ENDPOINT"
    )

    retention_days: Annotated[int, BeforeValidator(variables.retention_days)] = Field(
        LEAST_DAYS, alias="RETENTION_DAYS"
    )
    archive_container: Annotated[str, BeforeValidator(variables.container)] | None = Field(
        None, alias="ARCHIVE_CONTAINER_URL"
    )

    log_workspace: Guid | None = Field(None, alias="LOG_ANALYTICS_WORKSPACE_ID")

    azure_client_id: str | None = Field(None, alias="AZURE_CLIENT_ID")
    azure_tenant_id: Guid | None = Field(None, alias="AZURE_TENANT_ID")
    azure_client_secret: str | None = Field(None, alias="AZURE_CLIENT_SECRET", repr=False)
    azure_certificate_path: str | None = Field(None, alias="AZURE_CLIENT_CERTIFICATE_PATH")
    azure_certificate_password: str | None = Field(
        None, alias="AZURE_CLIENT_CERTIFICATE_PASSWORD", repr=False
    )
    azure_federated_token_file: str | None = Field(None, alias="AZURE_FEDERATED_TOKEN_FILE")
    cloud: Annotated[str, BeforeValidator(variables.cloud)] = Field(
        "AzureCloud", alias="AZURE_CLOUD"
    )
    resource_manager: Url | None = Field(None, alias="AZURE_RESOURCE_MANAGER_ENDPOINT")
    graph: Url | None = Field(None, alias="MICROSOFT_GRAPH_ENDPOINT")
    authority: Url | None = Field(None, alias="AZURE_AUTHORITY_HOST")
    vault_suffix: str | None = Field(None, alias="AZURE_KEY_VAULT_SUFFIX")
    log_analytics: Url | None = Field(None, alias="AZURE_LOG_ANALYTICS_ENDPOINT")
    openid_metadata: Url | None = Field(None, alias="ToBotFromChannelOpenIdMetadataUrl")
    token_issuer: Url | None = Field(None, alias="ToBotFromChannelTokenIssuer")
    connector_scope: str | None = Field(None, alias="ToChannelFromBotOAuthScope")
    service_hosts: Annotated[frozenset[str], BeforeValidator(variables.hosts)] = Field(
        frozenset(), alias="BOT_SERVICE_HOSTS"
    )
    service_url: Url | None = Field(None, alias="BOT_SERVICE_URL")

    metrics_token: Annotated[SecretValue, BeforeValidator(variables.metrics_token)] | None = Field(
        None, alias="METRICS_TOKEN"
    )
    log_format: Annotated[str, BeforeValidator(variables.log_format)] = Field(
        "text", alias="LOG_FORMAT"
    )
    telemetry: Annotated[str, BeforeValidator(variables.telemetry)] | None = Field(
        None, alias="APPLICATIONINSIGHTS_CONNECTION_STRING", repr=False
    )

    @field_validator("min_access_minutes")
    @classmethod
    def _leaves_room(cls, minutes: float, info: ValidationInfo) -> float:
        longest = info.data.get("max_access_hours")
        if longest and minutes > longest * 60:
            raise ValueError("no longer than MAX_ACCESS_HOURS")
        return minutes

    @property
    def listen_on(self) -> str:
        """The address to listen on: loopback without an app ID, since no one is authenticated."""
        return self.host if self.app_id else "127.0.0.1"

    @property
    def vault_name(self) -> str:
        """The vault's name; if only its address is set, the first label of its host."""
        host = urlsplit(self.key_vault_url or "").hostname or ""
        return self.key_vault_name or host.split(".")[0]

    @property
    def vault_url(self) -> str:
        return self.key_vault_url or f"https://{self.vault_name}.{self.endpoints.vault_suffix}"

    @property
    def vault_id(self) -> str:
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.KeyVault/vaults/{self.vault_name}"
        )

    @property
    def vault(self) -> Vault:
        return Vault(self.vault_name, self.vault_url, self.vault_id)

    @property
    def policy(self) -> Policy:
        """The default policy, for no particular secret."""
        return Policy(
            secret="",
            vault=self.vault,
            approvers=self.approvers,
            min_approvals=1,
            shortest=self.shortest,
            longest=self.longest,
            pending_for=self.pending_for,
            role=self.role,
            scope_kind=self.scope_kind,
            remind_after=USUAL_REMINDER,
        )

    @property
    def rotation_policy(self) -> RotationPolicy | None:
        """The rotation of the one secret that the variables name, if any."""
        if self.rotation_secret is None:
            return None
        return RotationPolicy(
            secret=self.rotation_secret,
            vault=self.vault,
            dependents=self._dependents,
            overlap=self.overlap,
            schedule=Schedule(self.rotation_schedule),
        )

    @property
    def _dependents(self) -> tuple[Dependent, ...]:
        if self.dependent_app is None or self.dependent_setting is None:
            return ()
        name, _, slot = self.dependent_app.partition("/")
        app = AppSlot(self.subscription_id, self.resource_group, name, slot)
        return (Dependent(app, self.dependent_setting),)

    @property
    def overlap(self) -> timedelta:
        """How long the old version of a rotated secret stays enabled."""
        return timedelta(hours=self.rotation_overlap_hours)

    @property
    def endpoints(self) -> AzureEndpoints:
        """The cloud's endpoints with overrides; token audiences stay the cloud's own."""
        cloud = CLOUDS[self.cloud]
        return replace(
            cloud,
            resource_manager=self.resource_manager or cloud.resource_manager,
            graph=self.graph or cloud.graph,
            authority=self.authority or cloud.authority,
            vault_suffix=self.vault_suffix or cloud.vault_suffix,
            log_analytics=self.log_analytics or cloud.log_analytics,
        )

    @property
    def token_tenant(self) -> str | None:
        """The tenant that issues the connector's tokens, by type of registration."""
        if self.app_type == "MultiTenant":
            return "botframework.com"
        return self.app_tenant_id or self.azure_tenant_id

    @property
    def tenants(self) -> frozenset[str] | None:
        """The tenants whose people are served; None in local mode if none is set."""
        named = self.app_tenant_id or self.azure_tenant_id
        return frozenset({named.lower()}) if named else None

    @property
    def sign_in_client_id(self) -> str | None:
        """The application that people sign in to: by default the bot's own.

        A managed identity can't be signed in to, so it needs another application.
        """
        return self.sign_in_id or (None if self.app_type == "UserAssignedMSI" else self.app_id)

    @property
    def sign_in_secret(self) -> str | None:
        """That application's client secret; the bot's own if it is the bot's application."""
        if self.sign_in_password or self.sign_in_certificate_path:
            return self.sign_in_password
        return self.app_password if self.sign_in_client_id == self.app_id else None

    @property
    def own_client_ids(self) -> frozenset[str]:
        """The client IDs of the bot's identity in Azure, as far as they are configured."""
        own_in_teams = self.app_id if self.app_type == "UserAssignedMSI" else None
        given = (self.azure_client_id, own_in_teams)
        return frozenset(one.lower() for one in given if one)

    @property
    def missing_for_sign_in(self) -> tuple[str, ...]:
        """The variables without which people can't sign in in a browser."""
        needed = {
            "PUBLIC_URL": self.public_url,
            "SIGN_IN_CLIENT_ID": self.sign_in_client_id,
            "AZURE_TENANT_ID": self.tenants,
        }
        return tuple(name for name, value in needed.items() if not value)

    @property
    def shortest(self) -> timedelta:
        return timedelta(minutes=self.min_access_minutes)

    @property
    def pending_for(self) -> timedelta:
        """How long a request waits for a decision before it lapses."""
        return timedelta(hours=8)

    @property
    def longest(self) -> timedelta:
        return timedelta(hours=self.max_access_hours)


def read_configuration(environment: Mapping[str, str], kinds: RotationKinds) -> Settings:
    """Read the settings and check the policy file they name.

    ``kinds`` are the registered issuers and dependents. Raises ConfigurationError with all errors
    of the variables and the file.
    """
    given = _given(environment)
    settings, faults, wrong = _read(given)
    faults += _faults_of_policy_file(given, wrong, kinds)
    if settings is None or faults:
        raise ConfigurationError(faults)
    return settings


def log_format_of(environment: Mapping[str, str]) -> str:
    """Return how to log, even if other settings are wrong; as text if this one is."""
    try:
        return variables.log_format(environment.get("LOG_FORMAT", "").strip() or "text")
    except ValueError:
        return "text"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read only the settings; raises ConfigurationError with all errors of the variables."""
    settings, faults, _ = _read(_given(environment))
    if settings is None or faults:
        raise ConfigurationError(faults)
    return settings


def _given(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in environment.items() if value.strip()}


def _read(given: Mapping[str, str]) -> tuple[Settings | None, list[str], Set[str]]:
    """Return the settings (None if invalid), all errors, and the invalid variables."""
    faults = _faults_between(given)
    try:
        return Settings.model_validate(given), sorted(faults), frozenset()
    except ValidationError as error:
        found = error.errors()
    faults += map(_say, found)
    return None, sorted(faults), frozenset(map(_variable, found))


def misspelt_variables(environment: Mapping[str, str]) -> list[str]:
    """Suggest a setting for each variable that looks like a misspelt one."""
    return misspelt(environment, (str(field.alias) for field in Settings.model_fields.values()))


def _faults_of_policy_file(
    given: Mapping[str, str], wrong: Set[str], kinds: RotationKinds
) -> list[str]:
    """Return the errors of the policy file, ignoring the invalid variables in ``wrong``."""
    if "POLICY_FILE" not in given:
        return []
    usable = {name: value for name, value in given.items() if name not in wrong}
    stand_ins = {name: value for name, value in STAND_INS.items() if name in wrong}
    try:
        read_rules(Settings.model_validate(usable | stand_ins), kinds)
    except ConfigurationError as error:
        return error.faults
    return []


def read_rules(settings: Settings, kinds: RotationKinds) -> Policies:
    """Read the rules from the policy file, with the variables as defaults.

    ``kinds`` are the registered issuers and dependents. Raises ConfigurationError with all errors
    of the file.
    """
    try:
        content = settings.policy_file.read_bytes() if settings.policy_file else b""
        return rules_of(content, settings, kinds)
    except OSError as error:
        reason = error.strerror
        raise ConfigurationError([f"POLICY_FILE: cannot be read: {reason}"]) from None
    except PolicyFileError as error:
        raise ConfigurationError(error.faults) from None


def rules_of(content: bytes, settings: Settings, kinds: RotationKinds) -> Policies:
    """Read the rules of a policy file; raises PolicyFileError with all its errors."""
    defaults = Defaults(
        access=settings.policy,
        requestable=settings.allowed_secrets,
        rotation=settings.rotation_policy,
        overlap=settings.overlap,
        subscription=settings.subscription_id,
        resource_group=settings.resource_group,
        vault_suffix=settings.endpoints.vault_suffix,
        missing_for_sign_in=settings.missing_for_sign_in,
    )
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise PolicyFileError(["POLICY_FILE: cannot be read: it is not UTF-8"]) from None
    return read_policies(text, str(settings.policy_file or ""), defaults, kinds)


def _variable(fault: Any) -> str:
    """Return the variable that an error is about; for a default, Pydantic names the field."""
    name = fault["loc"][0]
    field = Settings.model_fields.get(name)
    return str(field.alias if field else name)


def _say(fault: Any) -> str:
    """Describe one error without its value, which may be a credential."""
    name, value = _variable(fault), fault["input"]
    if fault["type"] == "missing":
        return f"{name}: is required"
    said = fault["ctx"]["error"] if fault["type"] == "value_error" else "a different value"
    is_quoted = isinstance(value, str) and value[0] in "\"'" and value[0] == value[-1]
    return f"{name}: must be {said}{' (without quotes around it)' if is_quoted else ''}"


def _faults_between(given: Mapping[str, str]) -> list[str]:
    """Return the errors in combinations of variables."""
    faults = []
    local = given.get("LATCHKEY_LOCAL", "").lower() in {"1", "true"}

    def either(one: str, other: str) -> None:
        if one not in given and other not in given:
            faults.append(f"{one}: is required (or {other} instead)")

    either("KEY_VAULT_NAME", "KEY_VAULT_URL")
    faults.extend(_two_vaults(given))
    either("AZURE_STORAGE_CONNECTION_STRING", "AZURE_TABLES_ENDPOINT")
    faults.extend(_nameless_vault(given))
    faults.extend(_half_a_dependent(given))
    faults.extend(_half_a_drill(given))
    faults.extend(_local_origin(given, local=local))
    if "SIGN_IN_CLIENT_SECRET" in given and "SIGN_IN_CERTIFICATE_PATH" in given:
        faults.append("SIGN_IN_CERTIFICATE_PATH: can't be combined with SIGN_IN_CLIENT_SECRET")
    if "MicrosoftAppId" not in given:
        if not local:
            faults.append(
                "MicrosoftAppId: is required; without it no one can be authenticated "
                "(LATCHKEY_LOCAL=1 allows that, on the loopback interface only)"
            )
        return faults
    if "ADMIN_TEAMS_CHANNEL_ID" not in given:
        faults.append("ADMIN_TEAMS_CHANNEL_ID: is required (the audit channel)")
    either("MicrosoftAppTenantId", "AZURE_TENANT_ID")
    managed = given.get("MicrosoftAppType", "").lower() == "userassignedmsi"
    if not managed and "MicrosoftAppPassword" not in given:
        faults.append(
            "MicrosoftAppPassword: is required unless MicrosoftAppType is UserAssignedMSI"
        )
    return faults


def _nameless_vault(given: Mapping[str, str]) -> list[str]:
    """Report a vault address without a name, if it doesn't contain the name for the resource ID."""
    if "KEY_VAULT_NAME" in given:
        return []
    try:
        host = urlsplit(given.get("KEY_VAULT_URL", "")).hostname or ""
    except ValueError:
        host = ""
    if not host or values.is_vault_name(host.split(".")[0]):
        return []
    return ["KEY_VAULT_NAME: is required because KEY_VAULT_URL doesn't start with a vault's name"]


def _two_vaults(given: Mapping[str, str]) -> list[str]:
    """Report a name and an address of different vaults: a grant would open the wrong one."""
    name, url = given.get("KEY_VAULT_NAME"), given.get("KEY_VAULT_URL")
    if not name or not url or not (other := other_vault(name, url)):
        return []
    return [f"KEY_VAULT_URL: is the address of {other}, not of the vault in KEY_VAULT_NAME"]


def _local_origin(given: Mapping[str, str], *, local: bool) -> list[str]:
    """Report a public address without TLS: a code in it could be read on its way."""
    if local or not given.get("PUBLIC_URL", "").lower().startswith("http://"):
        return []
    return ["PUBLIC_URL: must be an https address (http only with LATCHKEY_LOCAL=1)"]


def _half_a_dependent(given: Mapping[str, str]) -> list[str]:
    """Report the missing variable of a dependent, which needs both."""
    both = ("DEPENDENT_APP_SERVICE_NAME", "DEPENDENT_APP_SETTING")
    missing = [name for name in both if name not in given]
    other = {name: both[1 - number] for number, name in enumerate(both)}
    return [
        f"{name}: is required together with {other[name]}" for name in missing if len(missing) == 1
    ]


def _half_a_drill(given: Mapping[str, str]) -> list[str]:
    """Report what is missing for drills: they need a secret and a principal."""
    both, every = ("DRILL_SECRET", "DRILL_PRINCIPAL_ID"), "DRILL_SCHEDULE"
    set_ones = [name for name in (*both, every) if name in given]
    return [
        f"{name}: is required together with {set_ones[0]}"
        for name in both
        if set_ones and name not in given
    ]
