"""One Azure for the contracts of rotation: in memory, or the real adapters over the sandbox."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue, Vault
from sandbox import roles
from sandbox.seed import (
    BOT,
    RESOURCE_GROUP,
    SITE,
    SLOT,
    SUBSCRIPTION_ID,
    VAULT,
    Right,
    default_seed,
)
from services.azure.app_services.app_settings import AppServiceSettings
from services.azure.app_services.connection_strings import AppServiceConnectionStrings
from services.azure.calls.pipeline import Pipeline
from services.azure.key_vault.secret_versions import KeyVaultSecretVersions
from services.rotation.dependents.app_setting import AppSettings
from services.rotation.dependents.connection_string import ConnectionStrings
from services.rotation.secret_versions import SecretVersions, Version
from tests.support.clock import ManualClock
from tests.support.rotation.fakes import FakeAppSettings, FakeConnectionStrings, FakeSecretVersions
from tests.support.sandbox import now, running_sandbox

NAME = "contract-key"
EXPIRY = datetime(2030, 6, 1, 12, tzinfo=UTC)
APP = AppSlot(SUBSCRIPTION_ID, RESOURCE_GROUP, SITE)
STAGING = replace(APP, slot=SLOT)
NO_APP = replace(APP, name="no-such-app")
PLAIN = Version(id="", enabled=True, created_at=None)


@dataclass(frozen=True, slots=True)
class Azure:
    """One Azure, with a hand that changes it behind Latchkey's back."""

    versions: SecretVersions
    apps: AppSettings
    strings: ConnectionStrings
    vault: Vault
    put: Callable[[str, str], str]
    """Makes a version of a secret with a value, and returns its id."""
    delete: Callable[[str], None]
    """Deletes a secret, so that it can be recovered."""
    certify: Callable[[str], None]
    """Makes a secret that belongs to a certificate."""

    async def write(self, value: str, name: str = NAME, version: Version = PLAIN) -> str:
        return await self.versions.write(self.vault.url, name, SecretValue(value), version)

    async def current(self, name: str = NAME) -> tuple[Version, SecretValue]:
        return await self.versions.current(self.vault.url, name)

    async def read(self, version: str, name: str = NAME) -> tuple[Version, SecretValue]:
        return await self.versions.read(self.vault.url, name, version)

    async def disable(self, version: str, name: str = NAME) -> None:
        await self.versions.disable(self.vault.url, name, version)

    def reference(self, version: str = "") -> str:
        pinned = f"/{version}" if version else ""
        return f"@Microsoft.KeyVault(SecretUri={self.vault.url}/secrets/{NAME}{pinned})"

    async def set(self, app: AppSlot, **changes: str) -> None:
        """Change settings as whoever merges does: all of them are written."""
        merged = dict(await self.apps.read(app))
        merged |= {name: SecretValue(value) for name, value in changes.items()}
        await self.apps.replace(app, merged)

    async def resolved(self, setting: str, app: AppSlot = APP) -> tuple[str, str | None] | None:
        found = await self.apps.reference(app, setting)
        return (found.status, found.active_version) if found else None


def fake_azure() -> Azure:
    vault = Vault(VAULT, "https://vault.example", default_seed().vault_scope(VAULT))
    versions = FakeSecretVersions(ManualClock(now()))
    apps = FakeAppSettings(versions, [vault])
    strings = FakeConnectionStrings(FakeAppSettings(versions, [vault]))
    for app in (APP, STAGING):
        apps.add(app, {"LOG_LEVEL": "info"})
        strings.add(app)
    return Azure(
        versions,
        apps,
        strings,
        vault,
        put=lambda name, value: versions.put(vault.url, name, value),
        delete=lambda name: versions.delete(vault.url, name),
        certify=lambda name: _nothing(versions.put(vault.url, name, "x", managed=True)),
    )


def _nothing(_: str) -> None:
    """Return nothing."""


@asynccontextmanager
async def real_azure(tls_dir: Path) -> AsyncIterator[Azure]:
    seed = default_seed()
    # At the vault and the group, so that what is unknown is not merely out of sight.
    for_contract = (
        Right(BOT.id, roles.KEY_VAULT_SECRETS_OFFICER.guid, seed.vault_scope(VAULT)),
        Right(BOT.id, roles.WEBSITE_CONTRIBUTOR.guid, seed.group_scope),
    )
    seed = replace(seed, rights=(*seed.rights, *for_contract))
    async with running_sandbox(tls_dir, seed=seed) as sandbox:
        pipeline, bot = Pipeline(sandbox.session), sandbox.credential(BOT.id)
        versions = KeyVaultSecretVersions(bot, pipeline)
        apps = AppServiceSettings(
            bot, pipeline, endpoint=sandbox.base_url, token_scope=f"{sandbox.base_url}/.default"
        )
        strings = AppServiceConnectionStrings(
            bot, pipeline, endpoint=sandbox.base_url, token_scope=f"{sandbox.base_url}/.default"
        )
        vault = Vault(VAULT, sandbox.base_url, seed.vault_scope(VAULT))

        def put(name: str, value: str) -> str:
            return sandbox.state.vaults[VAULT].add_version(name, value, now()).id

        def delete(name: str) -> None:
            sandbox.state.vaults[VAULT].secrets[name].deleted_at = now()

        def certify(name: str) -> None:
            put(name, "x")
            sandbox.state.vaults[VAULT].secrets[name].is_managed = True

        yield Azure(versions, apps, strings, vault, put, delete, certify)
        await versions.close()
        await apps.close()
        await strings.close()
