"""Every exchange between a bot and what it depends on, numbered, and interrupted at one of them."""

import asyncio
import contextlib
import contextvars
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.policy_file.file import WORKFLOW_ID as POLICY_FILE_ID
from sandbox.calls import Call, Reply
from sandbox.faults import Action, Faults, InjectedFault, When
from services.azure.tables import SERVICE
from services.clock import Clock
from services.faults import Conflict, Unavailable
from services.storage import keys
from services.storage.table import Operation, Row
from services.workflow.due import shard_board
from tests.chaos.outages import PATHS, Dependency
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import Fault

_POLLED = (f"{keys.AGENDA}~", f"{keys.OUTBOX}~", f"{keys.QUARANTINE}~")
_WATCHED = (keys.head_key(POLICY_FILE_ID),)
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{32}")
_ANYTHING = re.compile("")
_TIMED_OUT = 504
_SILENT_FOR = 10
"""How many seconds the rows of a late change take no other one: longer than it is sent again."""


@dataclass(frozen=True)
class Exchange:
    """One exchange of a scenario: the ``number``-th of its name."""

    dependency: Dependency
    name: str
    number: int
    changes: bool
    """Whether it can change something; before and after one that can't, all is the same."""

    def __str__(self) -> str:
        return f"{self.dependency} {self.name} #{self.number}"


@dataclass(frozen=True)
class Interruption:
    """What happens at one exchange: the bot is killed, or what it asked for happens too late.

    Killed before or after it, the bot gets no answer. If it is late, the bot gets an error now, and
    the effect follows so many ``seconds`` later.
    """

    exchange: Exchange
    when: When
    seconds: float = 0

    @property
    def kills(self) -> bool:
        """Whether the bot is killed."""
        return self.when is not When.LATE

    def __str__(self) -> str:
        if self.kills:
            return f"killed {self.when} {self.exchange}"
        return f"{self.exchange}, {self.seconds:g} s late"


class Exchanges:
    """Numbers the exchanges from ``begin`` to ``end``, and interrupts one of them if asked to."""

    def __init__(self, interruption: Interruption | None = None) -> None:
        self.all: list[Exchange] = []
        self.was_interrupted = False
        self.on_interruption: Callable[[Interruption], None] = lambda _: None
        self._interruption = interruption
        self._numbers: Counter[tuple[Dependency, str]] = Counter()
        self.is_counting = False

    def begin(self) -> None:
        """Count from now on."""
        self.is_counting = True

    def end(self) -> None:
        """Count no more."""
        self.is_counting = False

    def take(self, dependency: Dependency, name: str, *, changes: bool) -> Interruption | None:
        """Count an exchange; return how it is interrupted, if it is."""
        if not self.is_counting:
            return None
        self._numbers[dependency, name] += 1
        exchange = Exchange(dependency, name, self._numbers[dependency, name], changes)
        self.all.append(exchange)
        if self._interruption is None or exchange != self._interruption.exchange:
            return None
        self.was_interrupted = True
        self.on_interruption(self._interruption)
        return self._interruption

    def in_teams(self, method: str, _: Sequence[str]) -> Fault | None:
        """Count an exchange with Teams, whatever it concerns."""
        interruption = self.take(Dependency.TEAMS, method, changes=method != "GET")
        if interruption is None:
            return None
        if interruption.kills:
            return Fault(drop=True, after_effect=interruption.when is When.AFTER)
        return Fault(_TIMED_OUT, late_seconds=interruption.seconds)


class NumberedAzure(Faults):
    """Counts the exchanges with Azure."""

    def __init__(self, exchanges: Exchanges, clock: Clock) -> None:
        super().__init__()
        self._exchanges = exchanges
        self._clock = clock

    def take(self, call: Call, target: str) -> InjectedFault | None:
        for dependency, path in PATHS.items():
            if dependency is Dependency.ENTRA or not path.search(target):
                continue
            name = f"{call.method} {'/'.join(_shape(call.path).split('/')[-3:])}"
            interruption = self._exchanges.take(dependency, name, changes=_changes(call))
            return _as_fault(interruption) if interruption else None
        return super().take(call, target)

    def carry_out_later(self, at: datetime, effect: Callable[[datetime], object]) -> None:
        """Carry it out then, whether anyone asks anything or not."""
        super().carry_out_later(at, effect)
        wait = (at - self._clock()).total_seconds()
        asyncio.get_running_loop().call_later(wait, self.land, at)


def _as_fault(interruption: Interruption) -> InjectedFault:
    if interruption.kills:
        return InjectedFault("*", _ANYTHING, Action.DROP, interruption.when)
    return InjectedFault(
        "*", _ANYTHING, when=When.LATE, seconds=interruption.seconds, answer=Reply(_TIMED_OUT)
    )


class NumberedTable(MemoryTable):
    """Counts the exchanges with the table, but no poll for what is due or new.

    What a poll finds is claimed or recorded first, and that is counted.
    What replicas tell each other about themselves, every few seconds, isn't counted either.
    """

    def __init__(self, exchanges: Exchanges) -> None:
        super().__init__()
        self._exchanges = exchanges
        self._late: set[asyncio.Task[None]] = set()
        self._silent: dict[tuple[str, str], float] = {}
        """The rows that take no change until then, in the loop's time."""
        self._context = contextvars.copy_context()

    async def get(self, partition: str, key: str) -> Row | None:
        if key not in _WATCHED:
            await self._count(f"get {_kind(key)}")
        return await super().get(partition, key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        if partition != shard_board.PARTITION and not start.startswith(_POLLED):
            await self._count(f"range {_kind(start)}")
        return await super().range(partition, start, stop, limit)

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        if partition == shard_board.PARTITION:
            return await super().transact(partition, operations)
        if self._is_silent(partition, operations):
            raise Unavailable(SERVICE, "a time-out", status=_TIMED_OUT)
        parts = sorted(f"{type(one).__name__.lower()} {_kind(one.key)}" for one in operations)
        interruption = self._exchanges.take(Dependency.TABLES, ", ".join(parts), changes=True)
        if interruption and not interruption.kills:
            later = self._carry_out(partition, operations, interruption.seconds)
            self._late.add(asyncio.create_task(later, context=self._context))
            until = asyncio.get_running_loop().time() + min(interruption.seconds, _SILENT_FOR)
            self._silent = {(partition, one.key): until for one in operations}
            raise Unavailable(SERVICE, "a time-out", status=_TIMED_OUT)
        if interruption and interruption.when is When.AFTER:
            await super().transact(partition, operations)
        if interruption:
            await _for_ever()
        return await super().transact(partition, operations)

    def _is_silent(self, partition: str, operations: Sequence[Operation]) -> bool:
        """Tell whether a change is sent again too soon after one that is late."""
        now = asyncio.get_running_loop().time()
        return any(self._silent.get((partition, one.key), 0) > now for one in operations)

    async def _count(self, name: str) -> None:
        if self._exchanges.take(Dependency.TABLES, name, changes=False):
            await _for_ever()

    async def _carry_out(
        self, partition: str, operations: Sequence[Operation], seconds: float
    ) -> None:
        """Carry out a transaction late, unless its rows have changed since."""
        await asyncio.sleep(seconds)
        with contextlib.suppress(Conflict):
            await super().transact(partition, operations)


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


def _changes(call: Call) -> bool:
    """Tell whether a request can change something; some systems list settings or keys by POST."""
    return call.method != "GET" and not call.path.lower().endswith(("/list", "/listkeys"))


def _shape(path: str) -> str:
    return _IDS.sub("ID", path.strip("/"))


def _kind(key: str) -> str:
    """Return what a row is, from its key, without what it is about."""
    first, *rest = key.split("~")
    if first == "workflow":
        return re.sub(r"[-\d].*", "", rest[-1]) or "workflow"
    return re.sub(r"-?[0-9a-f]{8,}.*|[-\d]+$", "", first)
