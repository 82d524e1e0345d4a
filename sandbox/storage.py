"""The storage accounts and their keys, as they are kept."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes

SLOTS = ("key1", "key2")
_KEY_BYTES = 64


@dataclass(frozen=True, slots=True)
class AccessKey:
    """Hold one access key; to renew it is to put another one in its slot."""

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
        """Make an account with keys that were never used before."""
        return cls(name, scope, {slot: _new_key(created) for slot in SLOTS})

    def regenerate(self, slot: str, now: datetime) -> None:
        """Make the key of a slot anew."""
        self.keys[slot] = _new_key(now)


def _new_key(created: datetime) -> AccessKey:
    return AccessKey(base64.b64encode(token_bytes(_KEY_BYTES)).decode(), created)
