"""What an approver may want to know about a grantee: recent requests, and other access.

It is looked up once, when the request is made, and stored with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RECENT = timedelta(days=30)
"""How far back recent requests are looked up."""


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """Earlier requests for the same secret and the same grantee."""

    secret: str
    times: int
    granted: int
    """How many of them were granted."""
    last_at: datetime
    or_more: bool = False
    """Whether there were more requests than were read."""


@dataclass(frozen=True, slots=True)
class OtherAccess:
    """A grant that the grantee already holds in the same vault."""

    vault: str
    secrets: tuple[str, ...]
    whole_vault: bool
    """Whether its scope is the whole vault, and not just these secrets."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Background:
    """All of it; empty for what wasn't found, or couldn't be looked up in time."""

    asked_before: tuple[AskedBefore, ...] = ()
    other_access: tuple[OtherAccess, ...] = ()


NO_BACKGROUND = Background()


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """When an earlier request was made, and whether it was granted."""

    at: datetime
    granted: bool


def sum_up(
    secret: str, earlier: Sequence[EarlierRequest], *, or_more: bool
) -> tuple[AskedBefore, ...]:
    """Sum up the earlier requests for a secret; empty if there are none."""
    if not earlier:
        return ()
    granted = sum(one.granted for one in earlier)
    last_at = max(one.at for one in earlier)
    return (AskedBefore(secret, len(earlier), granted, last_at, or_more),)
