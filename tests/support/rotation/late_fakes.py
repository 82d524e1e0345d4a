"""Azure that carries out requests after their sender has given up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue, Vault
from services.faults import Unavailable
from services.rotation.dependents.app_setting import Settings
from services.rotation.issuers.app_registration import AppPassword
from services.rotation.issuers.storage_account import StorageKey
from services.rotation.secret_versions import Version
from tests.support.clock import ManualClock
from tests.support.rotation.fakes import FakeAppSettings, FakeSecretVersions, _App, _Kept
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeStorageKeys
from tests.support.tables.crashing_table import Killed

NO_ANSWER = Unavailable("Azure", "no answer in time")


class Lateness:
    """Which of the next changes land late; ``None`` is a change that is refused and never lands."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._ordered: list[tuple[str, timedelta | None, BaseException]] = []
        self._pending: list[tuple[datetime, Callable[[], None]]] = []
        self._caught = 0

    def order(
        self,
        operation: str,
        after: timedelta | None,
        *,
        times: int = 1,
        error: BaseException = NO_ANSWER,
    ) -> None:
        """Let the next ``times`` changes of this name land this long after their error."""
        self._ordered += [(operation, after, error)] * times

    def order_fifth(self, operation: str, after: timedelta) -> None:
        """Lose four changes of this name, and let the fifth, which is the last try, land late."""
        self.order(operation, None, times=4)
        self.order(operation, after)

    def kill(self, operation: str, after: timedelta | None) -> None:
        """Let the process crash at its next such change, which lands later."""
        self.order(operation, after, error=Killed())

    def catch(self, operation: str, land: Callable[[], None]) -> None:
        """Raise instead of making a configured change, and keep the change for later."""
        found = next((each for each in self._ordered if each[0] == operation), None)
        if found is None:
            return
        self._ordered.remove(found)
        self._caught += 1
        _, after, error = found
        if after is not None:
            self._pending.append((self._clock() + after, land))
        raise error

    def has_landed_all(self) -> bool:
        """Tell whether at least one change was caught and all of them have landed."""
        return self._caught > 0 and not self._pending

    def is_waiting(self) -> bool:
        """Tell whether a change was caught that hasn't landed."""
        return bool(self._pending)

    def let_land(self) -> None:
        """Carry out the changes that are due; called before every read."""
        now = self._clock()
        due = [one for one in self._pending if one[0] <= now]
        self._pending = [one for one in self._pending if one[0] > now]
        for _, land in due:
            land()


class LateSecretVersions(FakeSecretVersions):
    """A Key Vault whose ``write`` and ``disable`` can land late."""

    def __init__(self, clock: ManualClock, lateness: Lateness) -> None:
        super().__init__(clock)
        self._lateness = lateness

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        self._lateness.catch("write", lambda: self._land(vault_url, name, value, version))
        return await super().write(vault_url, name, value, version)

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        def land() -> None:
            if kept := self.find(vault_url, name, version):
                kept.version = replace(kept.version, enabled=False)

        self._lateness.catch("disable", land)
        await super().disable(vault_url, name, version)

    def _land(self, vault_url: str, name: str, value: SecretValue, version: Version) -> None:
        self._add(vault_url, name, value, version)

    def _of(self, vault_url: str, name: str) -> Sequence[_Kept]:
        self._lateness.let_land()
        return super()._of(vault_url, name)


class LateAppSettings(FakeAppSettings):
    """An App Service whose ``replace`` and ``refresh`` can land late."""

    def __init__(
        self, versions: FakeSecretVersions, vaults: Sequence[Vault], lateness: Lateness
    ) -> None:
        super().__init__(versions, vaults)
        self._lateness = lateness

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        self._lateness.catch("replace", lambda: self._put(app, settings))
        await super().replace(app, settings)

    async def refresh(self, app: AppSlot) -> None:
        self._lateness.catch("refresh", lambda: self._resolve(self._found(app)))
        await super().refresh(app)

    def _found(self, app: AppSlot) -> _App:
        self._lateness.let_land()
        return super()._found(app)


class LateStorageKeys(FakeStorageKeys):
    """Storage accounts whose ``regenerate`` can land late."""

    def __init__(self, clock: ManualClock, lateness: Lateness) -> None:
        super().__init__(clock)
        self._lateness = lateness

    async def regenerate(self, account: str, slot: str) -> None:
        def land() -> None:
            self._found(account)[slot] = self._new_key()

        self._lateness.catch("regenerate", land)
        await super().regenerate(account, slot)

    def _found(self, account: str) -> dict[str, StorageKey]:
        self._lateness.let_land()
        return super()._found(account)


class LateAppPasswords(FakeAppPasswords):
    """Applications whose client secrets can be added and removed late."""

    def __init__(self, lateness: Lateness) -> None:
        super().__init__()
        self._lateness = lateness

    async def add(
        self, application: str, name: str, expires_at: datetime | None
    ) -> tuple[AppPassword, SecretValue]:
        def land() -> None:
            self.plant(application, name, expires_at)

        self._lateness.catch("add", land)
        return await super().add(application, name, expires_at)

    async def remove(self, application: str, key_id: str) -> None:
        def land() -> None:
            self._found(application).pop(key_id, None)

        self._lateness.catch("remove", land)
        await super().remove(application, key_id)

    def _found(self, application: str) -> dict[str, tuple[AppPassword, SecretValue]]:
        self._lateness.let_land()
        return super()._found(application)
