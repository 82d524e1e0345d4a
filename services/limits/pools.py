"""Who leases how much of each shared limit: one row for each, changed under its ETag."""

import json
from datetime import datetime

from domain import shared_rate
from domain.shared_rate import LimitLease, Pool, Rate, Slice
from services.faults import Conflict, Unavailable
from services.storage import keys
from services.storage.table import Insert, Replace, Row, Table

PARTITION = "limits"
_TRIES = 5


class Pools:
    """The leases of all replicas."""

    def __init__(self, table: Table, replica: str) -> None:
        self._table = table
        self._replica = replica

    async def renew(
        self, limit: str, rate: Rate, wants: float, mine: Slice, *, now: datetime, until: datetime
    ) -> Slice:
        """Lease a share until then, and return it; raises Unavailable without the table."""
        for _ in range(_TRIES):
            row = await self._table.get(PARTITION, limit)
            pool = _read(row) if row else Pool(rate.size, now, {})
            after, share = shared_rate.renew(
                pool, self._replica, wants, mine, rate=rate, now=now, until=until
            )
            values = {"pool": _text(after)}
            operation = Replace(limit, values, row.etag) if row else Insert(limit, values)
            try:
                await self._table.transact(PARTITION, [operation])
            except Conflict:
                continue
            return share
        raise Unavailable("Tables", "too many replicas change one limit", outcome_unknown=False)


def _read(row: Row) -> Pool:
    stored = json.loads(str(row.values["pool"]))
    leases = {
        name: LimitLease(share, wants, datetime.fromisoformat(until))
        for name, (share, wants, until) in stored["leases"].items()
    }
    return Pool(stored["level"], datetime.fromisoformat(stored["at"]), leases)


def _text(pool: Pool) -> str:
    leases = {
        name: (lease.share, lease.wants, keys.instant(lease.until))
        for name, lease in pool.leases.items()
    }
    return json.dumps({"level": pool.level, "at": keys.instant(pool.at), "leases": leases})
