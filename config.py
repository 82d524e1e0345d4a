"""Settings from the environment and rules from the policy file; every fault at once, by name."""

import json
import re
from collections.abc import Mapping
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

from domain.policy import Policy, ScopeKind
from domain.rotation import AppSlot, Dependent
from domain.rotation_policy import RotationPolicy, Schedule
from domain.secrets import Vault, is_secret_name, other_vault
from services import values
from services.azure.clouds import CLOUDS, AzureEndpoints
from services.policies import Policies
from services.policy_file.checks import OptionCheck
from services.policy_file.defaults import Defaults
from services.policy_file.faults import PolicyFileError
from services.policy_file.reading import read_policies

KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
_APP_AND_SLOT = re.compile(r"[a-zA-Z0-9-]{1,60}(?:/[a-zA-Z0-9-]{1,60})?", re.ASCII)
USUAL_REMINDER = timedelta(hours=1)
APP_TYPES = ("SingleTenant", "UserAssignedMSI", "MultiTenant")


class ConfigurationError(Exception):
    """The environment has faults; the message names each of them."""

    def __init__(self, faults: list[str]) -> None:
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"Latchkey cannot start with this configuration:\n{lines}")
        self.faults = faults


def _json_list(text: str) -> list[str]:
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError('a JSON list of names, like ["demo-api-key"]')
    if unusable := [name for name in names if not is_secret_name(name)]:
        raise ValueError(f"names of secrets; {', '.join(map(repr, unusable))} cannot be one")
    return names


def _comma_list(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or not all(map(values.is_person, names)):
        raise ValueError("emails or Entra object ids, separated by commas")
    return names


def _hosts(text: str) -> frozenset[str]:
    return frozenset(host.strip().lower() for host in text.split(",") if host.strip())


def _switch(text: str) -> bool:
    try:
        return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
    except KeyError:
        raise ValueError("1 or 0") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise ValueError("a port number from 1 to 65535")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1_000_000:
        raise ValueError("a number above 0")
    return number


def _connection_string(text: str) -> str:
    """Check for what the tables' SDK needs; UseDevelopmentStorage is its word for an Azurite."""
    parts = [part.partition("=") for part in text.rstrip(";").split(";")]
    given = {name.lower() for name, _, value in parts if value}
    enough = (
        {"usedevelopmentstorage"},
        {"accountname", "accountkey"},
        {"accountname", "sharedaccesssignature"},
        {"tableendpoint", "sharedaccesssignature"},
    )
    if len(given) < len(parts) or not any(names <= given for names in enough):
        raise ValueError(
            "a connection string with an AccountName and an AccountKey, "
            "or with a SharedAccessSignature"
        )
    return text


def _telemetry(text: str) -> str:
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    if not values.is_guid(parts.get("InstrumentationKey", "")):
        raise ValueError("a connection string with an InstrumentationKey")
    return text


def _app_type(text: str) -> str:
    for known in APP_TYPES:
        if text.lower() == known.lower():
            return known
    raise ValueError(f"one of {', '.join(APP_TYPES)}")


def _cloud(text: str) -> str:
    for known in CLOUDS:
        if text.lower() == known.lower():
            return known
    raise ValueError(f"one of {', '.join(CLOUDS)}")


def _scope_kind(text: str) -> ScopeKind:
    try:
        return ScopeKind(text.lower())
    except ValueError:
        raise ValueError("vault or secret") from None


def _secret_name(text: str) -> str:
    if not is_secret_name(text):
        raise ValueError("the name of a secret")
    return text


def _app_and_slot(text: str) -> str:
    if not _APP_AND_SLOT.fullmatch(text):
        raise ValueError("the name of an App Service, or app/slot")
    return text


Names = Annotated[tuple[str, ...], BeforeValidator(_comma_list)]
Guid = Annotated[str, BeforeValidator(values.guid)]
Url = Annotated[str, BeforeValidator(values.https_url)]
Amount = Annotated[float, BeforeValidator(_positive)]


class Settings(BaseModel):
    """All settings, under the names that operators know; an empty variable is an unset one."""

    model_config = ConfigDict(frozen=True, validate_by_alias=True, validate_by_name=False)

    app_type: Annotated[str, BeforeValidator(_app_type)] = Field(
        "SingleTenant", alias="MicrosoftAppType"
    )
    app_id: Guid | None = Field(None, alias="MicrosoftAppId")
    app_password: str | None = Field(None, alias="MicrosoftAppPassword", repr=False)
    app_tenant_id: Guid | None = Field(None, alias="MicrosoftAppTenantId")
    local: Annotated[bool, BeforeValidator(_switch)] = Field(False, alias="LATCHKEY_LOCAL")
    host: str = Field("0.0.0.0", alias="HOST")  # noqa: S104 - a container listens on all
    port: Annotated[int, BeforeValidator(_port)] = Field(3978, alias="PORT")

    key_vault_name: str | None = Field(None, alias="KEY_VAULT_NAME", pattern=r"^[a-zA-Z0-9-]+$")
    key_vault_url: Url | None = Field(None, alias="KEY_VAULT_URL")
    subscription_id: Guid = Field(alias="AZURE_SUBSCRIPTION_ID")
    resource_group: str = Field(alias="AZURE_RESOURCE_GROUP", pattern=r"^[\w().-]{1,90}$")

    allowed_secrets: Annotated[tuple[str, ...], BeforeValidator(_json_list)] = Field(
        (), alias="ALLOWED_SECRETS"
    )
    max_access_hours: Amount = Field(4.0, alias="MAX_ACCESS_HOURS")
    min_access_minutes: Amount = Field(5.0, alias="MIN_ACCESS_MINUTES", validate_default=True)
    approvers: Names = Field(alias="SECRET_APPROVER_EMAIL")
    admins: Names | None = Field(None, alias="ADMIN_USERS")
    audit_team_id: str | None = Field(None, alias="ADMIN_TEAMS_GROUP_ID")
    audit_channel_id: str | None = Field(None, alias="ADMIN_TEAMS_CHANNEL_ID")
    role: Annotated[str, BeforeValidator(values.role)] = Field(
        KEY_VAULT_SECRETS_USER, alias="KEY_VAULT_ROLE_DEFINITION_ID"
    )
    scope_kind: Annotated[ScopeKind, BeforeValidator(_scope_kind)] = Field(
        ScopeKind.VAULT, alias="GRANT_SCOPE"
    )

    rotation_secret: Annotated[str, BeforeValidator(_secret_name)] | None = Field(
        None, alias="ROTATION_SECRET_NAME"
    )
    rotation_schedule: Annotated[str, BeforeValidator(values.cron)] = Field(
        "0 3 1 * *", alias="ROTATION_SCHEDULE"
    )
    rotation_overlap_hours: Amount = Field(24.0, alias="ROTATION_OVERLAP_HOURS")
    dependent_app: Annotated[str, BeforeValidator(_app_and_slot)] | None = Field(
        None, alias="DEPENDENT_APP_SERVICE_NAME"
    )
    dependent_setting: Annotated[str, BeforeValidator(values.setting_name)] | None = Field(
        None, alias="DEPENDENT_APP_SETTING"
    )
    policy_file: Path | None = Field(None, alias="POLICY_FILE")

    storage_connection_string: Annotated[str, BeforeValidator(_connection_string)] | None = Field(
        None, alias="AZURE_STORAGE_CONNECTION_STRING", repr=False
    )
    tables_endpoint: Url | None = Field(None, alias="AZURE_TABLES_ENDPOINT")

    azure_client_id: str | None = Field(None, alias="AZURE_CLIENT_ID")
    azure_tenant_id: Guid | None = Field(None, alias="AZURE_TENANT_ID")
    azure_client_secret: str | None = Field(None, alias="AZURE_CLIENT_SECRET", repr=False)
    azure_certificate_path: str | None = Field(None, alias="AZURE_CLIENT_CERTIFICATE_PATH")
    azure_certificate_password: str | None = Field(
        None, alias="AZURE_CLIENT_CERTIFICATE_PASSWORD", repr=False
    )
    azure_federated_token_file: str | None = Field(None, alias="AZURE_FEDERATED_TOKEN_FILE")
    cloud: Annotated[str, BeforeValidator(_cloud)] = Field("AzureCloud", alias="AZURE_CLOUD")
    resource_manager: Url | None = Field(None, alias="AZURE_RESOURCE_MANAGER_ENDPOINT")
    graph: Url | None = Field(None, alias="MICROSOFT_GRAPH_ENDPOINT")
    authority: Url | None = Field(None, alias="AZURE_AUTHORITY_HOST")
    vault_suffix: str | None = Field(None, alias="AZURE_KEY_VAULT_SUFFIX")
    openid_metadata: Url | None = Field(None, alias="ToBotFromChannelOpenIdMetadataUrl")
    token_issuer: Url | None = Field(None, alias="ToBotFromChannelTokenIssuer")
    connector_scope: str | None = Field(None, alias="ToChannelFromBotOAuthScope")
    service_hosts: Annotated[frozenset[str], BeforeValidator(_hosts)] = Field(
        frozenset(), alias="BOT_SERVICE_HOSTS"
    )
    service_url: Url | None = Field(None, alias="BOT_SERVICE_URL")

    telemetry: Annotated[str, BeforeValidator(_telemetry)] | None = Field(
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
        """The address to listen on: without an app id nobody is authenticated, so loopback."""
        return self.host if self.app_id else "127.0.0.1"

    @property
    def vault_name(self) -> str:
        """The vault's name; where only its address is given, the first label of its host."""
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
        """The policy of no secret in particular."""
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
        """How the one secret is rotated that the variables name, if they name one."""
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
        """The cloud's endpoints, with what is overridden; tokens stay meant for the cloud's."""
        cloud = CLOUDS[self.cloud]
        return replace(
            cloud,
            resource_manager=self.resource_manager or cloud.resource_manager,
            graph=self.graph or cloud.graph,
            authority=self.authority or cloud.authority,
            vault_suffix=self.vault_suffix or cloud.vault_suffix,
        )

    @property
    def token_tenant(self) -> str | None:
        """The tenant that issues the connector's tokens, by the kind of registration."""
        if self.app_type == "MultiTenant":
            return "botframework.com"
        return self.app_tenant_id or self.azure_tenant_id

    @property
    def tenants(self) -> frozenset[str] | None:
        """The tenants whose people are served; None in local mode where none is named."""
        named = self.app_tenant_id or self.azure_tenant_id
        return frozenset({named.lower()}) if named else None

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


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings; raises ConfigurationError naming every fault there is."""
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    faults = _faults_between(given)
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults = [*(_say(fault) for fault in error.errors()), *faults]
        raise ConfigurationError(sorted(faults)) from None
    if faults:
        raise ConfigurationError(sorted(faults))
    return settings


def read_rules(settings: Settings, issuers: Mapping[str, OptionCheck]) -> Policies:
    """Read the rules from the policy file, over what the variables say.

    ``issuers`` check the options of each issuer there is. Raises ConfigurationError with all
    faults of the file.
    """
    try:
        content = settings.policy_file.read_bytes() if settings.policy_file else b""
        return rules_of(content, settings, issuers)
    except OSError as error:
        reason = error.strerror
        raise ConfigurationError([f"POLICY_FILE: cannot be read: {reason}"]) from None
    except PolicyFileError as error:
        raise ConfigurationError(error.faults) from None


def rules_of(content: bytes, settings: Settings, issuers: Mapping[str, OptionCheck]) -> Policies:
    """Read the rules that a policy file holds; raises PolicyFileError with all of its faults."""
    defaults = Defaults(
        access=settings.policy,
        requestable=settings.allowed_secrets,
        rotation=settings.rotation_policy,
        overlap=settings.overlap,
        subscription=settings.subscription_id,
        resource_group=settings.resource_group,
        vault_suffix=settings.endpoints.vault_suffix,
    )
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise PolicyFileError(["POLICY_FILE: cannot be read: it is not UTF-8"]) from None
    return read_policies(text, str(settings.policy_file or ""), defaults, issuers)


def _say(fault: Any) -> str:
    """Say one fault without its value: some of them are credentials."""
    name = fault["loc"][0]
    if field := Settings.model_fields.get(name):
        name = field.alias  # a default is named by its field, what was given by its variable
    if fault["type"] == "missing":
        return f"{name}: is required"
    if fault["type"] == "value_error":
        return f"{name}: must be {fault['ctx']['error']}"
    return f"{name}: cannot be read ({fault['msg']})"


def _faults_between(given: Mapping[str, str]) -> list[str]:
    """Find the faults that lie between variables."""
    faults = []
    local = given.get("LATCHKEY_LOCAL", "").lower() in {"1", "true"}

    def either(one: str, other: str) -> None:
        if one not in given and other not in given:
            faults.append(f"{one}: is required, or {other} instead of it")

    either("KEY_VAULT_NAME", "KEY_VAULT_URL")
    faults.extend(_two_vaults(given))
    either("AZURE_STORAGE_CONNECTION_STRING", "AZURE_TABLES_ENDPOINT")
    faults.extend(_half_a_dependent(given))
    if "MicrosoftAppId" not in given:
        if not local:
            faults.append(
                "MicrosoftAppId: is required; without it nobody can be authenticated "
                "(LATCHKEY_LOCAL=1 allows that, on the loopback interface alone)"
            )
        return faults
    if "ADMIN_TEAMS_CHANNEL_ID" not in given:
        faults.append("ADMIN_TEAMS_CHANNEL_ID: is required: the audit channel")
    if "ADMIN_TEAMS_GROUP_ID" not in given:
        faults.append("ADMIN_TEAMS_GROUP_ID: is required: the team of the audit channel")
    either("MicrosoftAppTenantId", "AZURE_TENANT_ID")
    managed = given.get("MicrosoftAppType", "").lower() == "userassignedmsi"
    if not managed and "MicrosoftAppPassword" not in given:
        faults.append(
            "MicrosoftAppPassword: is required, unless MicrosoftAppType is UserAssignedMSI"
        )
    return faults


def _two_vaults(given: Mapping[str, str]) -> list[str]:
    """Find a name and an address that are those of two vaults: a yes would open the wrong one."""
    name, url = given.get("KEY_VAULT_NAME"), given.get("KEY_VAULT_URL")
    if not name or not url or not (other := other_vault(name, url)):
        return []
    return [f"KEY_VAULT_URL: is the address of {other}, which isn't the vault of KEY_VAULT_NAME"]


def _half_a_dependent(given: Mapping[str, str]) -> list[str]:
    """Find the variable that is missing of a dependent, which needs both of its own."""
    both = ("DEPENDENT_APP_SERVICE_NAME", "DEPENDENT_APP_SETTING")
    missing = [name for name in both if name not in given]
    other = {name: both[1 - number] for number, name in enumerate(both)}
    return [f"{name}: is required with {other[name]}" for name in missing if len(missing) == 1]
