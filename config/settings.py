"""All settings, and what follows from them."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import ConfigDict

from config.access import AccessSettings
from config.azure import EndpointSettings, IdentityVariables
from config.monitoring import MonitoringSettings
from config.rotation import DrillSettings, RotationSettings
from config.sign_in import SignInSettings
from config.storage import StorageSettings
from config.teams import TeamsSettings
from domain.access.rules.policy import Policy
from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.rotation import AppSlot, Dependent
from domain.secrets import Vault
from services.clouds import CLOUDS, AzureEndpoints

USUAL_REMINDER = timedelta(hours=1)


class Settings(
    TeamsSettings,
    AccessSettings,
    RotationSettings,
    DrillSettings,
    SignInSettings,
    StorageSettings,
    IdentityVariables,
    EndpointSettings,
    MonitoringSettings,
):
    """All settings, by the variables that operators set; an empty variable counts as unset."""

    model_config = ConfigDict(defer_build=False)

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
            return self.endpoints.multi_tenant_bots
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
