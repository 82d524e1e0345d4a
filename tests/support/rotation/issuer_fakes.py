"""The systems behind the issuers, in memory."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.issuers.app_registration import AppPassword, SignIn, SignInAnswer
from services.rotation.issuers.storage_account import StorageKey
from tests.support.fault_queue import FaultQueue


class FakeStorageKeys:
    """``services.rotation.issuers.storage_account.StorageKeys`` for any number of accounts.

    Its ``faults`` support ``read`` and ``regenerate``.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._accounts: dict[str, dict[str, StorageKey]] = {}
        self._made = 0
        self.faults = FaultQueue()

    async def read(self, account: str) -> Mapping[str, StorageKey]:
        with self.faults.around("read"):
            return dict(self._found(account))

    async def regenerate(self, account: str, slot: str) -> None:
        with self.faults.around("regenerate"):
            if slot not in self._found(account):
                raise Rejected("fake", "400 InvalidValuesForRequestParameters")
            self._found(account)[slot] = self._new_key()

    def add(self, account: str) -> None:
        """Create an account with keys in both slots."""
        self._accounts[account.lower()] = {slot: self._new_key() for slot in ("key1", "key2")}

    def value(self, account: str, slot: str) -> SecretValue:
        """Return the key in a slot."""
        return self._found(account)[slot].value

    def _found(self, account: str) -> dict[str, StorageKey]:
        if account.lower() not in self._accounts:
            raise Rejected("fake", "404 ResourceNotFound", status=404)
        return self._accounts[account.lower()]

    def _new_key(self) -> StorageKey:
        self._made += 1
        return StorageKey(SecretValue(f"storage-key-{self._made}"), self._clock())


class FakeAppPasswords:
    """``services.rotation.issuers.app_registration.AppPasswords`` for any number of applications.

    Its ``faults`` support ``list``, ``add`` and ``remove``.
    """

    def __init__(self) -> None:
        self._applications: dict[str, dict[str, tuple[AppPassword, SecretValue]]] = {}
        self._made = 0
        self._hidden: set[str] = set()
        self.expiries: dict[str, datetime | None] = {}
        """The requested expiry by key ID."""
        self.faults = FaultQueue()
        self.clock: Callable[[], datetime] = lambda: datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.usual_life: timedelta | None = None
        """The default lifetime of a client secret; None if no end is reported."""
        self.longest_life = timedelta(days=36_500)
        """The longest lifetime of a client secret allowed by the tenant's policy."""
        self.is_owned = True

    async def list(self, application: str) -> list[AppPassword]:
        with self.faults.around("list"):
            kept = self._found(application).values()
            return [password for password, _ in kept if password.key_id not in self._hidden]

    async def client_id(self, application: str) -> str:
        self._found(application)
        return f"client of {application}"

    async def may_change(self, application: str) -> bool:
        self._found(application)
        return self.is_owned

    async def add(
        self, application: str, name: str, expires_at: datetime | None
    ) -> tuple[AppPassword, SecretValue]:
        with self.faults.around("add"):
            now, usual = self.clock(), self.usual_life
            ends_at = expires_at or (now + usual if usual else None)
            ends_at = min(ends_at, now + self.longest_life) if ends_at else None
            password, value = self.plant(application, name, expires_at)
            return replace(password, expires_at=ends_at), value

    async def remove(self, application: str, key_id: str) -> None:
        with self.faults.around("remove"):
            self._found(application).pop(key_id, None)

    def register(self, application: str) -> None:
        """Create an application without client secrets."""
        self._applications[application] = {}

    def plant(
        self, application: str, name: str, expires_at: datetime | None = None
    ) -> tuple[AppPassword, SecretValue]:
        """Create a client secret, as someone else would."""
        return self.plant_as(f"key-id-{self._made + 1}", application, name, expires_at)

    def plant_as(
        self, key_id: str, application: str, name: str, expires_at: datetime | None = None
    ) -> tuple[AppPassword, SecretValue]:
        """Create a client secret with this key ID."""
        self._made += 1
        password = AppPassword(key_id, name, expires_at, f"h{self._made}")
        value = SecretValue(f"client secret {self._made}")
        self._found(application)[password.key_id] = password, value
        self.expiries[password.key_id] = expires_at
        return password, value

    def hide(self, key_id: str) -> None:
        """Leave a client secret out of listings: Entra's reads lag behind its writes."""
        self._hidden.add(key_id)

    def catch_up(self) -> None:
        """List everything again."""
        self._hidden.clear()

    def delete(self, application: str) -> None:
        """Delete an application with all its client secrets, as someone else would."""
        del self._applications[application]

    def key_ids(self, application: str) -> set[str]:
        """Return the IDs of an application's client secrets."""
        return set(self._found(application))

    def is_good(self, application: str, value: SecretValue) -> bool:
        """Tell whether signing in with a client secret works."""
        return any(value == kept for _, kept in self._found(application).values())

    def _found(self, application: str) -> dict[str, tuple[AppPassword, SecretValue]]:
        if application not in self._applications:
            raise Rejected("fake", "404 Request_ResourceNotFound", status=404)
        return self._applications[application]


class FakeSignIns:
    """``services.rotation.issuers.app_registration.SignIns`` with a fake's client secrets.

    Its ``faults`` support ``test_value``.
    """

    def __init__(self, passwords: FakeAppPasswords) -> None:
        self._passwords = passwords
        self._refusals = 0
        self.stands_in_the_way = ""
        """An error code that Entra answers with, whatever the secret."""
        self.tried: list[str] = []
        self.faults = FaultQueue()

    async def test_value(self, client_id: str, secret: SecretValue) -> SignInAnswer:
        with self.faults.around("test_value"):
            self.tried.append(client_id)
            if self.stands_in_the_way:
                return SignInAnswer(SignIn.UNTRIED, self.stands_in_the_way)
            is_good = self._passwords.is_good(client_id.removeprefix("client of "), secret)
            if self._refusals or not is_good:
                self._refusals = max(0, self._refusals - 1)
                return SignInAnswer(SignIn.NOT_ACCEPTED, "AADSTS7000215")
            return SignInAnswer(SignIn.ACCEPTED)

    def refuse_next(self, times: int) -> None:
        """Refuse the next sign-ins: Entra doesn't accept a new client secret immediately."""
        self._refusals = times
