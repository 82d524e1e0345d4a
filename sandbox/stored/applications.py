"""The stored app registrations and their client secrets."""

from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID, uuid5

_HINT_LENGTH = 3
_VALUE_BYTES = 30


@dataclass(frozen=True, slots=True)
class Password:
    """Hold one client secret; its value is shown only once."""

    key_id: str
    display_name: str | None
    start: datetime
    end: datetime
    value: str = field(repr=False)

    @property
    def hint(self) -> str:
        """Return the first characters of the value, as shown by Entra."""
        return self.value[:_HINT_LENGTH]


@dataclass(slots=True)
class StoredApplication:
    """Hold an app registration; `owners` are the object ids of its owners.

    The rest is as in the seed.
    """

    id: str
    client_id: str
    display_name: str
    owners: tuple[str, ...]
    redirect_uris: tuple[str, ...] = ()
    optional_claims: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    passwords: list[Password] = field(default_factory=list)
    made: int = 0

    def add_password(self, display_name: str | None, start: datetime, end: datetime) -> Password:
        """Create a client secret; Entra chooses its value."""
        self.made += 1
        value = token_urlsafe(_VALUE_BYTES)
        password = Password(key_id(self.id, self.made), display_name, start, end, value)
        self.passwords.append(password)
        return password

    def remove_password(self, key: str) -> bool:
        """Remove a client secret; return False if there is none with this key ID."""
        left = [one for one in self.passwords if one.key_id != key.lower()]
        removed = len(left) < len(self.passwords)
        self.passwords = left
        return removed


def key_id(application: str, number: int) -> str:
    """Return the key ID of the n-th client secret that is made for an application."""
    return str(uuid5(UUID(application), str(number)))
