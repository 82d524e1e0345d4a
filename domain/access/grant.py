"""The access that an approved request gives, and what Azure answered to the attempts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AzureAnswer:
    """Azure's answer to a failed attempt: the HTTP status and Azure's error code.

    Both are missing if Azure didn't answer. A code of our own, for something we wait for
    ourselves, has no status.
    """

    status: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An assignment that existed although an attempt to grant failed overall."""

    assignment: str
    """Its ID."""
    since: datetime
    """When it was created, or from when on it may have been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The access of an approved request: all of its assignments, for one window.

    ``give_up_at`` limits the attempt, counted from the intent. ``granted_at`` and ``expires_at``
    are set once every assignment has been read back.
    """

    give_up_at: datetime
    made: tuple[str, ...] = ()
    """The IDs of the assignments the last attempt read back, even though it failed overall."""
    opened: tuple[Opened, ...] = ()
    """What existed before access was granted, if it ever was; each until the end of access."""
    awaits_rights: bool = False
    """Whether we already announced that the bot isn't permitted to assign the role yet."""
    awaits_room: bool = False
    """Whether we already announced that the subscription is full; the patience for room counts
    from then."""
    granted_at: datetime | None = None
    expires_at: datetime | None = None
    warn_at: datetime | None = None
    """When to warn the grantee of the end; None after the warning, or for a short window."""
