"""When a version of a secret expires, and when the next one does."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_LATEST = datetime.max.replace(microsecond=0, tzinfo=UTC)
"""The last second of 9999: with an expiry near it, people say that a secret never expires."""


class ExpiryFrom(StrEnum):
    """Where a new version's expiry comes from."""

    POLICY = "the policy's max_age"
    PREDECESSOR = "the current version's lifetime"
    CREDENTIAL = "the issued credential's end"
    NOTHING = "nothing"


def lifetime(
    created_at: datetime | None, not_before: datetime | None, expires_at: datetime | None
) -> timedelta | None:
    """Return a version's total lifetime; None if it doesn't expire, or it can't be determined.

    It counts from ``nbf`` if set: a restored version is newer than its value, and a version can
    be created before it becomes valid.
    """
    begins_at = not_before or created_at
    if expires_at is None or begins_at is None or expires_at <= begins_at:
        return None
    return expires_at - begins_at


def successor_expiry(
    now: datetime,
    *,
    max_age: timedelta | None,
    lifetime: timedelta | None,
    ends_at: datetime | None = None,
) -> datetime | None:
    """Return when a version created now expires; None for never.

    ``max_age`` takes precedence over the ``lifetime`` of the previous version. A version never
    outlives the credential it holds, which ends at ``ends_at``.
    """
    valid_for = max_age or lifetime
    own_end = now + min(valid_for, _LATEST - now) if valid_for else None
    known = [each for each in (own_end, ends_at) if each]
    return min(known, default=None)


@dataclass(frozen=True, slots=True)
class PlannedExpiry:
    """When the next version would expire, and why.

    ``at`` is None for never, and if it depends on a credential that isn't issued yet.
    """

    at: datetime | None
    source: ExpiryFrom


NO_EXPIRY = PlannedExpiry(None, ExpiryFrom.NOTHING)


def plan_expiry(
    now: datetime,
    *,
    max_age: timedelta | None,
    lifetime: timedelta | None,
    may_end: bool,
) -> PlannedExpiry:
    """Return when a version created now would expire; ``may_end``: its credential can expire."""
    at = successor_expiry(now, max_age=max_age, lifetime=lifetime)
    if max_age:
        return PlannedExpiry(at, ExpiryFrom.POLICY)
    if lifetime:
        return PlannedExpiry(at, ExpiryFrom.PREDECESSOR)
    return PlannedExpiry(None, ExpiryFrom.CREDENTIAL if may_end else ExpiryFrom.NOTHING)
