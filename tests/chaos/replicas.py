"""Replicas: several bots live one life together, and something happens to one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clock import Clock
from services.storage.table import Operation, Row, Table
from services.workflow.version import HANDLES
from tests.chaos.counted_cells import counted_table
from tests.chaos.exchanges import Exchanges, NumberedAzure, NumberedTable
from tests.chaos.play import LifeStoppedError, Play
from tests.chaos.records import Record, differences, record, repeated, statuses_only, unrecorded
from tests.chaos.struck_lives import Outcome, policy_file, undisturbed
from tests.chaos.virtual_bot import POLL, Stage, VirtualBot, a_stage
from tests.chaos.whole_lives import LIVES
from tests.support import virtual_time
from tests.support.clock import ManualClock
from tests.support.deployment import DANA, Trust
from tests.support.memory_table import in_one_page
from tests.support.newer_table import NEWER, TableOfTheNewer
from tests.support.virtual_time import LoopClock

PAUSE = timedelta(seconds=60)
APART = timedelta(minutes=2)
_EACH = timedelta(seconds=70)
"""How long after another a replica is replaced."""
EVERY = 5
"""How many of a replica's changes there are from one kill or pause to the next."""
_MOST = 0.8
_NEWER = f"0.2.0/{NEWER}"
_CLOCKS = "clocks two minutes apart"
_TITLE = "replicas"


class OneReplicasTable:
    """The table as one replica sees it, which can be struck before each change that it makes."""

    def __init__(self, table: Table, exchanges: Exchanges) -> None:
        self._table = table
        self._exchanges = exchanges
        self.changes = 0
        self.struck_at = 0
        """The number of the change that is struck; 0 for none."""
        self.strike: Callable[[], None] = lambda: None

    async def get(self, partition: str, key: str) -> Row | None:
        return await self._table.get(partition, key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        return await self._table.range(partition, start, stop, limit)

    pages = in_one_page

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        self.changes += self._exchanges.is_counting
        if self._exchanges.is_counting and self.changes == self.struck_at:
            self.strike()
            await asyncio.sleep(0)  # a stopped process doesn't come back from here
        return await self._table.transact(partition, operations)


class ShiftedClock(ManualClock):
    """A machine's clock that is ahead."""

    def __init__(self, right: Clock, by: timedelta) -> None:
        super().__init__()
        self._right = right
        self._by = by

    def __call__(self) -> datetime:
        return self._right() + self._by


class Crew(Play):
    """Several replicas; people reach each in turn, except one that doesn't answer."""

    def __init__(self, stage: Stage, table: NumberedTable, exchanges: Exchanges) -> None:
        super().__init__(stage, table, exchanges)
        self.tables: list[OneReplicasTable] = []
        self.newer_tables: list[OneReplicasTable] = []
        self.replicas: list[VirtualBot] = []
        self.others: list[asyncio.Task[None]] = []
        """What happens beside the life."""
        self._turn = 0

    async def add(self, clock: Clock | None = None, *, is_newer: bool = False) -> VirtualBot:
        """Start one more replica."""
        table = OneReplicasTable(self.table, self.exchanges)
        seen: Table = TableOfTheNewer(table) if is_newer else table
        replica = self.stage.bot(seen, clock, _NEWER if is_newer else HANDLES)
        await replica.start()
        self.tables.append(table)
        if is_newer:
            self.newer_tables.append(table)
        self.replicas.append(replica)
        self._is_up.set()
        return replica

    async def replace(self, replica: VirtualBot, *, is_newer: bool) -> None:
        """Stop a replica as a deployment does, once another one runs."""
        await self.add(is_newer=is_newer)
        self.replicas.remove(replica)
        await replica.stop()

    @property
    def bot(self) -> VirtualBot:
        """The replica that answers the next person."""
        answering = [each for each in self.replicas if not (each.is_dead or each.is_paused)]
        self._turn += 1
        return answering[self._turn % len(answering)]

    def kill(self, replica: VirtualBot) -> None:
        """Kill a replica for good."""
        self._note_strike()
        replica.kill()

    def pause(self, replica: VirtualBot) -> None:
        """Let a replica stand still for a while."""
        self._note_strike()
        # Another one answers in its place, and it answers, too, once it goes on.
        self.unrecorded += bool(self._under_way)
        replica.pause()
        loop = asyncio.get_running_loop()
        loop.call_later(PAUSE.total_seconds(), replica.go_on, context=self._context)

    def _note_strike(self) -> None:
        self.struck_at = self.clock()
        self.exchanges.was_struck = True
        self.unrecorded = unrecorded(self.table, self.stage.teams, self._under_way)

    async def close(self) -> None:
        for task in self.others:
            task.cancel()
        await asyncio.gather(*self.others, return_exceptions=True)
        for replica in self.replicas:
            await replica.stop()


Happening = Callable[[Crew, int, int], Awaitable[None]]
"""Starts so many replicas; something may happen to the first one at its change of a number."""


async def _nothing(crew: Crew, replicas: int, _: int) -> None:
    for _ in range(replicas):
        await crew.add()


async def _killed(crew: Crew, replicas: int, at: int) -> None:
    await _nothing(crew, replicas, at)
    first, table = crew.replicas[0], crew.tables[0]
    table.struck_at, table.strike = at, lambda: crew.kill(first)


async def _paused(crew: Crew, replicas: int, at: int) -> None:
    await _nothing(crew, replicas, at)
    first, table = crew.replicas[0], crew.tables[0]
    table.struck_at, table.strike = at, lambda: crew.pause(first)


async def _apart(crew: Crew, replicas: int, _: int) -> None:
    crew.may_be_early_by = APART
    for number in range(replicas):
        await crew.add(ShiftedClock(crew.clock, APART * number / (replicas - 1)))


async def _upgraded(crew: Crew, replicas: int, at: int) -> None:
    await _nothing(crew, replicas, at)
    crew.others.append(asyncio.create_task(_roll(crew, crew.replicas, is_newer=True)))


async def _rolled_back(crew: Crew, replicas: int, at: int) -> None:
    """Replace half of the replicas, then put the older version back, and later the newer one."""

    async def roll() -> None:
        half = crew.replicas[: replicas // 2]
        await _roll(crew, half, is_newer=True)
        await _roll(crew, crew.replicas[-(replicas // 2) :], is_newer=False)
        await _roll(crew, crew.replicas, is_newer=True)

    await _nothing(crew, replicas, at)
    crew.others.append(asyncio.create_task(roll()))


async def _roll(crew: Crew, replicas: Sequence[VirtualBot], *, is_newer: bool) -> None:
    for replica in tuple(replicas):
        await asyncio.sleep(_EACH.total_seconds())
        await crew.replace(replica, is_newer=is_newer)


HAPPENINGS: Mapping[str, Happening] = {
    "share the work": _nothing,
    "one is killed": _killed,
    "one is paused for 60 s": _paused,
    _CLOCKS: _apart,
    "a rolling upgrade": _upgraded,
    "a rolled-back upgrade": _rolled_back,
}
STRUCK = ("one is killed", "one is paused for 60 s")
EXTENDED = "extended access"
_LIVES = (EXTENDED, "rotation with three dependents")


@dataclass(frozen=True)
class ReplicasCell:
    """A number of replicas that live one life, and what happens to them."""

    happening: str
    replicas: int
    life: str

    @property
    def is_always_run(self) -> bool:
        """Whether it is run with all tests, not only by `make chaos`."""
        return self.replicas == 2 and self.happening not in STRUCK and self.life == EXTENDED

    def __str__(self) -> str:
        return f"{self.replicas} {_TITLE}, {self.life}: {self.happening}"


CELLS = [
    ReplicasCell(happening, replicas, life)
    for happening in HAPPENINGS
    for replicas in (2, 4)
    for life in _LIVES
]


@dataclass(frozen=True)
class _Lived:
    record: Record
    wrong: Sequence[str]
    unrecorded: int
    was_struck: bool
    changes: int
    """How many changes the first replica made."""
    changed_by_newer: int


def run(cell: ReplicasCell, trust: Trust, every: int = EVERY) -> Outcome:
    """Let the replicas live the life, and compare with one that lives it alone."""
    expected = undisturbed(trust, cell.life).record
    is_struck = cell.happening in STRUCK
    changes = _live(ReplicasCell("share the work", cell.replicas, cell.life), trust).changes
    strikes = range(1, changes + 1, every) if is_struck else range(1)
    # Where clocks differ, so do the time that is left on a card, and the order of events.
    wanted = statuses_only(expected) if cell.happening == _CLOCKS else expected
    broken, struck, twice = list[str](), 0, 0
    for at in strikes:
        lived = _live(cell, trust, at)
        left = statuses_only(lived.record) if cell.happening == _CLOCKS else lived.record
        wrong = [*lived.wrong, *differences(left, wanted, lived.unrecorded)]
        struck += lived.was_struck
        if "upgrade" in cell.happening and not lived.changed_by_newer:
            wrong.append("the newer version did nothing")
        if wrong:
            broken.append("\n  ".join((f"{cell}, at change {at}", *wrong)))
        twice += repeated(left, wanted)
    # The replicas share the work a little differently each time.
    if is_struck and struck < _MOST * len(strikes):
        broken.append(f"of {len(strikes)} lives only {struck} were struck")
    lives = struck if is_struck else len(strikes)
    return Outcome(lives, lives, broken, twice)


def _live(cell: ReplicasCell, trust: Trust, at: int = 0) -> _Lived:
    return virtual_time.run(_live_in_virtual_time(cell, trust, at))


async def _live_in_virtual_time(cell: ReplicasCell, trust: Trust, at: int) -> _Lived:
    life = LIVES[cell.life]
    exchanges, clock = Exchanges(), LoopClock()
    table = NumberedTable(exchanges)
    changed = {"POLICY_FILE": policy_file(trust, life.rules)} if life.rules else {}
    faults = NumberedAzure(exchanges, clock)
    async with a_stage(trust, clock, faults, exchanges.in_teams, POLL, **changed) as stage:
        crew = Crew(stage, table, exchanges)
        await HAPPENINGS[cell.happening](crew, cell.replicas, at)
        try:
            await life.live(crew)
        except LifeStoppedError as stopped:
            crew.wrong.append(f"it never came to this: {stopped}")
        left = record(stage.sandbox, table, stage.teams, await crew.look(DANA))
        lived = _Lived(
            left,
            tuple(crew.wrong),
            crew.unrecorded,
            exchanges.was_struck,
            crew.tables[0].changes,
            sum(each.changes for each in crew.newer_tables),
        )
        await crew.close()
    return lived


def tables(said: Mapping[str, str]) -> Iterator[str]:
    """Yield the table in Markdown, from the cells' texts by their names, if any was run."""
    if not any(f" {_TITLE}, " in name for name in said):
        return
    columns = [(replicas, life) for replicas in (2, 4) for life in _LIVES]
    titles = [f"{replicas}: {life}" for replicas, life in columns]
    rows = {one: [ReplicasCell(one, *each) for each in columns] for one in HAPPENINGS}
    yield counted_table(said, _TITLE, titles, rows)
