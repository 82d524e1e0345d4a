"""The existing resource locks, and which of them apply at a scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sandbox.errors import arm_refusal
from sandbox.stored.assignments import is_within


class Level(StrEnum):
    """What a lock prevents."""

    CAN_NOT_DELETE = "CanNotDelete"
    READ_ONLY = "ReadOnly"


@dataclass(frozen=True, slots=True)
class StoredLock:
    """Hold a management lock; it applies to its scope and everything below."""

    name: str
    scope: str
    level: Level = Level.CAN_NOT_DELETE
    notes: str = ""

    @property
    def id(self) -> str:
        """Return the resource id."""
        return f"{self.scope}/providers/Microsoft.Authorization/locks/{self.name}"


def require_deletable(locks: Iterable[StoredLock], scope: str) -> None:
    """Refuse a deletion at a scope under any lock."""
    _refuse([one for one in locks if is_within(scope, one.scope)], scope, "delete")


def require_writable(locks: Iterable[StoredLock], scope: str) -> None:
    """Refuse a change at a scope under a read-only lock."""
    holding = [one for one in locks if one.level is Level.READ_ONLY]
    _refuse([one for one in holding if is_within(scope, one.scope)], scope, "write")


def _refuse(holding: list[StoredLock], scope: str, operation: str) -> None:
    """Answer as Resource Manager does: before any provider runs, even if nothing is there."""
    if not holding:
        return
    locked = ",".join(dict.fromkeys(one.scope for one in holding))
    raise arm_refusal(
        409,
        "ScopeLocked",
        f"The scope '{scope}' cannot perform {operation} operation because following scope(s) are"
        f" locked: '{locked}'. Please remove the lock and try again.",
    )
