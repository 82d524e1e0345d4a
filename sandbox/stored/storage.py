"""The stored storage accounts and their keys."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes

SLOTS = ("key1", "key2")
_KEY_BYTES = 64


@dataclass(frozen=True, slots=True)
class AccessKey:
    """Hold one access key; regenerating it puts a new one in its slot."""

    value: str = field(repr=False)
    created: datetime


@dataclass(slots=True)
class StoredStorageAccount:
    """Hold a storage account with a key in each slot."""

    name: str
    scope: str
    keys: dict[str, AccessKey]

    @classmethod
    def of(cls, name: str, scope: str, created: datetime) -> "StoredStorageAccount":
        """Create an account with fresh keys."""
        return cls(name, scope, {slot: _new_key(created) for slot in SLOTS})

    def regenerate(self, slot: str, now: datetime) -> None:
        """Regenerate the key in a slot."""
        self.keys[slot] = _new_key(now)


def _new_key(created: datetime) -> AccessKey:
    return AccessKey(base64.b64encode(token_bytes(_KEY_BYTES)).decode(), created)
