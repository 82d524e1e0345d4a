"""Which replicas run with the newest rotation rules, recorded in the table.

While a deployment replaces replicas one by one, some still have older rules, from variables or from
a policy file. A secret that is missing there may be one that the new rules have just added.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from services.clock import Clock
from services.faults import Conflict
from services.policies import Policies
from services.storage.table import Insert, Operation, Replace, Row, Table, Value

PARTITION = "rules"
KEY = "newest"

SEEN_EVERY = timedelta(minutes=10)
"""How often a replica with the newest rules updates the record."""

STALE_AFTER = 3 * SEEN_EVERY
"""Rules that no replica has recorded for this long are no longer the newest: none uses them."""

LEFT_FOR = timedelta(seconds=30)
"""For how long a replica with older rules leaves work to replicas with the newest rules."""

_TRIES = 5


class NewestRules:
    """Compares this replica's rotation rules with the recorded ones, by digest."""

    def __init__(self, table: Table, policies: Policies, clock: Clock) -> None:
        self._table = table
        self._policies = policies
        self._clock = clock
        self._rules: object = None
        self._digest = ""
        self._adopted_at = clock()
        self._is_announced = False
        self._look()

    async def announce(self) -> bool:
        """Record this replica's rules unless newer ones are recorded; say whether they are newest.

        The rules adopted last win. A replica with older ones replaces the record only if no replica
        has updated it for a long time.
        """
        for _ in range(_TRIES):
            if self._policies.in_force.stand_in:
                return False
            self._look()
            row = await self._table.get(PARTITION, KEY)
            if row and not self._may_write(row):
                return False
            try:
                await self._table.transact(PARTITION, [self._written(row)])
            except Conflict:
                continue
            self._is_announced = True
            return True
        return False

    async def are_ours(self) -> bool:
        """Say whether this replica has the newest rules; true if none are recorded."""
        if self._policies.in_force.stand_in:
            return False
        self._look()
        row = await self._table.get(PARTITION, KEY)
        if row is None or row.values["digest"] == self._digest:
            return True
        return self._is_stale(row) or self._adopted_at > _time(row, "adopted_at")

    def _look(self) -> None:
        """Notice if the rules were replaced while this replica runs, and when."""
        if self._policies.rules is self._rules or self._policies.in_force.stand_in:
            return
        self._rules = self._policies.rules
        rotated = sorted(repr(policy) for policy in self._policies.rotated())
        digest = sha256("\n".join(rotated).encode()).hexdigest()
        if digest != self._digest:
            self._digest, self._adopted_at = digest, self._clock()
            self._is_announced = False

    def _may_write(self, row: Row) -> bool:
        if row.values["digest"] == self._digest or self._is_stale(row):
            return True
        return not self._is_announced and self._adopted_at >= _time(row, "adopted_at")

    def _written(self, row: Row | None) -> Operation:
        adopted_at = self._adopted_at
        if row and row.values["digest"] == self._digest:
            adopted_at = max(adopted_at, _time(row, "adopted_at"))
        values: dict[str, Value] = {
            "digest": self._digest,
            "adopted_at": adopted_at,
            "seen_at": self._clock(),
        }
        return Replace(KEY, values, row.etag) if row else Insert(KEY, values)

    def _is_stale(self, row: Row) -> bool:
        return self._clock() - _time(row, "seen_at") >= STALE_AFTER


def _time(row: Row, name: str) -> datetime:
    value = row.values[name]
    if not isinstance(value, datetime):
        raise TypeError(f"{name} of the newest rules is not a time")
    return value
