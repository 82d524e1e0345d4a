"""A table whose process dies at a chosen write, to test what a crash leaves behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto

import pytest

from services.storage.table import Operation, Row, Table
from tests.support.tables.memory_table import in_one_page


class Killed(BaseException):
    """The process died. No ``except Exception`` can catch this."""


class When(Enum):
    BEFORE = auto()
    AFTER = auto()


EITHER = (pytest.param(When.BEFORE, marks=pytest.mark.chaos), When.AFTER)
"""Both, for tests that repeat a whole life for each crash.

A crash before a write leaves what one after the write before it leaves, so `make test` runs only
the latter, and `make chaos` both.
"""


class Crash:
    """A process's crash at its write or effect number ``at``: 1, 2, …, or 0 for never.

    Every write and effect goes through ``point()``; the tables and fakes of one process share one
    Crash. After it nothing works; only what they wrap survives.
    """

    def __init__(self, at: int = 0, when: When = When.BEFORE) -> None:
        self._at = at
        self._when = when
        self._dead = False
        self.points = 0
        """How many points were passed so far: with ``at=0``, how many crash points there are."""

    @contextmanager
    def point(self) -> Iterator[None]:
        """Carry out one write or effect, or crash before or after it."""
        self.require_alive()
        self.points += 1
        # Others can pass their points during this write or effect.
        is_the_end = self.points == self._at
        if is_the_end and self._when is When.BEFORE:
            self.die()
        yield
        if is_the_end and self._when is When.AFTER:
            self.die()

    def require_alive(self) -> None:
        """Raise Killed if the process is already dead."""
        if self._dead:
            raise Killed

    def die(self) -> None:
        self._dead = True
        raise Killed


class CrashingTable:
    """Wraps another table until the crash."""

    def __init__(self, table: Table, crash: Crash) -> None:
        self._table = table
        self._crash = crash

    async def get(self, partition: str, key: str) -> Row | None:
        self._crash.require_alive()
        return await self._table.get(partition, key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        self._crash.require_alive()
        return await self._table.range(partition, start, stop, limit)

    pages = in_one_page

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        with self._crash.point():
            return await self._table.transact(partition, operations)
