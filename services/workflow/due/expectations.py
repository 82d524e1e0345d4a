"""When to look at which shard for rows that are known to fall due."""

import heapq
from collections import defaultdict
from datetime import datetime

ANY = ""
"""Stands for a row of whichever workflow."""


class Expectations:
    """The instants at which rows of workflows fall due, by shard."""

    def __init__(self) -> None:
        self._by_shard: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)

    def add(self, shard: str, at: datetime, workflow_id: str) -> None:
        heapq.heappush(self._by_shard[shard], (at, workflow_id))

    def remove(self, shard: str, by: datetime) -> set[str]:
        """Remove what falls due in a shard by then; return the workflows."""
        expected, removed = self._by_shard[shard], set[str]()
        while expected and expected[0][0] <= by:
            removed.add(heapq.heappop(expected)[1])
        return removed - {ANY}

    def due(self, now: datetime) -> set[str]:
        """Return the shards to look at by now."""
        return {
            shard
            for shard, expected in self._by_shard.items()
            if expected and expected[0][0] <= now
        }

    def next(self) -> list[datetime]:
        """Return the next instant of each shard that has one."""
        return [expected[0][0] for expected in self._by_shard.values() if expected]
