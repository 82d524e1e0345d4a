"""How replicas share a rate limit that a service counts over all of them.

The limit is a token bucket. A replica leases a share of it: so much of the rate, and as much of
what is in the bucket. What nobody leases fills up by itself. No token is ever in two places, so
all replicas together stay within the limit, whoever dies with whatever is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

LEAST = 0.02
"""The smallest share worth leasing."""

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: how many at once, and how many more per second."""

    size: float
    per_second: float

    @classmethod
    def within(cls, count: int, seconds: float) -> "Rate":
        """Return a bucket that never allows more than this many in any such span of time."""
        return cls(size=count / 5, per_second=count * 4 / 5 / seconds)

    def filled(self, level: float, share: float, seconds: float) -> float:
        """Return a share's level after a while."""
        return min(self.size * share, level + self.per_second * share * max(seconds, 0.0))


@dataclass(frozen=True, slots=True)
class Slice:
    """What a replica has of a bucket: a share of the rate, and some tokens."""

    share: float = 0.0
    level: float = 0.0


@dataclass(frozen=True, slots=True)
class LimitLease:
    """A replica's share until some moment, and how much it would use."""

    share: float
    wants: float
    until: datetime


@dataclass(frozen=True, slots=True)
class Pool:
    """All leases of a bucket, and what is in the part that nobody leases."""

    level: float
    at: datetime
    """When that part had this level."""
    leases: Mapping[str, LimitLease]

    @property
    def free(self) -> float:
        """The share that nobody leases."""
        return max(0.0, 1.0 - sum(lease.share for lease in self.leases.values()))


def renew(
    pool: Pool, name: str, wants: float, mine: Slice, *, rate: Rate, now: datetime, until: datetime
) -> tuple[Pool, Slice]:
    """Lease a fair share for a replica, no more than it wants and than is free.

    ``mine`` is what it has of its present lease. One that has run out counts for nothing: its share
    is free again, and has filled up since.
    """
    pool = _without_expired(pool, rate, now)
    before = pool.leases.get(name)
    mine = Slice(before.share, mine.level) if before else Slice()
    wants = min(max(wants, LEAST), 1.0)
    wanted = {one: lease.wants for one, lease in pool.leases.items()} | {name: wants}
    share = min(fair_share(wanted, name), mine.share + pool.free)
    level, own = pool.level, mine.level
    if share > mine.share and pool.free > _NOTHING:
        moved = level * min((share - mine.share) / pool.free, 1.0)
        level, own = level - moved, own + moved
    elif share < mine.share:
        moved = own * (mine.share - share) / mine.share
        level, own = level + moved, own - moved
    leases = {**pool.leases, name: LimitLease(share, wants, until)}
    return replace(pool, level=level, leases=leases), Slice(share, own)


def fair_share(wants: Mapping[str, float], name: str) -> float:
    """Return one's share if nobody gets more than they want, and the rest is divided evenly."""
    left = 1.0
    in_order = sorted(wants, key=lambda one: (wants[one], one))
    for served, one in enumerate(in_order):
        share = min(wants[one], left / (len(in_order) - served))
        if one == name:
            return share
        left -= share
    raise LookupError(name)


def _without_expired(pool: Pool, rate: Rate, now: datetime) -> Pool:
    """Fill up what is free, and free the shares of leases that have run out."""
    level = rate.filled(pool.level, pool.free, (now - pool.at).total_seconds())
    for lease in pool.leases.values():
        if lease.until <= now:
            level += rate.filled(0.0, lease.share, (now - lease.until).total_seconds())
    alive = {name: lease for name, lease in pool.leases.items() if lease.until > now}
    return Pool(level, now, alive)
