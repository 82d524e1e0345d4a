"""Rotation's ports as seen by a process until it crashes; the systems behind them survive."""

from collections.abc import Mapping
from datetime import datetime

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue
from services.rotation.dependents.app_setting import AppSettings, Settings
from services.rotation.dependents.connection_string import ConnectionStrings
from services.rotation.dependents.kind import Entries, ReferenceState
from services.rotation.issuers.app_registration import AppPassword, AppPasswords
from services.rotation.issuers.storage_account import StorageKey, StorageKeys
from services.rotation.secret_versions import SecretVersions, Version
from services.rotation.steps.health_checks import HealthChecks
from tests.support.tables.crashing_table import Crash


class CrashingSecretVersions:
    """Wraps other versions until the crash."""

    def __init__(self, versions: SecretVersions, crash: Crash) -> None:
        self._versions = versions
        self._crash = crash

    async def current(self, vault_url: str, name: str) -> tuple[Version, SecretValue]:
        self._crash.require_alive()
        return await self._versions.current(vault_url, name)

    async def read(self, vault_url: str, name: str, version: str) -> tuple[Version, SecretValue]:
        self._crash.require_alive()
        return await self._versions.read(vault_url, name, version)

    async def list(self, vault_url: str, name: str) -> list[Version]:
        self._crash.require_alive()
        return await self._versions.list(vault_url, name)

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        with self._crash.point():
            return await self._versions.write(vault_url, name, value, version)

    async def is_deleted(self, vault_url: str, name: str) -> bool:
        self._crash.require_alive()
        return await self._versions.is_deleted(vault_url, name)

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        with self._crash.point():
            await self._versions.disable(vault_url, name, version)


class CrashingAppSettings:
    """Wraps other app settings until the crash."""

    def __init__(self, apps: AppSettings, crash: Crash) -> None:
        self._apps = apps
        self._crash = crash

    async def read(self, app: AppSlot) -> Settings:
        self._crash.require_alive()
        return await self._apps.read(app)

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        with self._crash.point():
            await self._apps.replace(app, settings)

    async def reference(self, app: AppSlot, setting: str) -> ReferenceState | None:
        self._crash.require_alive()
        return await self._apps.reference(app, setting)

    async def refresh(self, app: AppSlot) -> None:
        with self._crash.point():
            await self._apps.refresh(app)


class CrashingConnectionStrings:
    """Other connection strings, until the crash."""

    def __init__(self, strings: ConnectionStrings, crash: Crash) -> None:
        self._strings = strings
        self._crash = crash

    async def read(self, app: AppSlot) -> Entries:
        self._crash.require_alive()
        return await self._strings.read(app)

    async def replace(self, app: AppSlot, strings: Entries) -> None:
        with self._crash.point():
            await self._strings.replace(app, strings)

    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        self._crash.require_alive()
        return await self._strings.reference(app, name)

    async def refresh(self, app: AppSlot) -> None:
        with self._crash.point():
            await self._strings.refresh(app)


class CrashingHealthChecks:
    """Wraps other health checks until the crash."""

    def __init__(self, health: HealthChecks, crash: Crash) -> None:
        self._health = health
        self._crash = crash

    async def is_well(self, url: str) -> bool:
        self._crash.require_alive()
        return await self._health.is_well(url)


class CrashingStorageKeys:
    """Wraps other storage keys until the crash."""

    def __init__(self, keys: StorageKeys, crash: Crash) -> None:
        self._keys = keys
        self._crash = crash

    async def read(self, account: str) -> Mapping[str, StorageKey]:
        self._crash.require_alive()
        return await self._keys.read(account)

    async def regenerate(self, account: str, slot: str) -> None:
        with self._crash.point():
            await self._keys.regenerate(account, slot)


class CrashingAppPasswords:
    """Wraps other client secrets until the crash."""

    def __init__(self, passwords: AppPasswords, crash: Crash) -> None:
        self._passwords = passwords
        self._crash = crash

    async def list(self, application: str) -> list[AppPassword]:
        self._crash.require_alive()
        return await self._passwords.list(application)

    async def client_id(self, application: str) -> str:
        self._crash.require_alive()
        return await self._passwords.client_id(application)

    async def may_change(self, application: str) -> bool:
        self._crash.require_alive()
        return await self._passwords.may_change(application)

    async def add(
        self, application: str, name: str, expires_at: datetime | None
    ) -> tuple[AppPassword, SecretValue]:
        with self._crash.point():
            return await self._passwords.add(application, name, expires_at)

    async def remove(self, application: str, key_id: str) -> None:
        with self._crash.point():
            await self._passwords.remove(application, key_id)
