"""Replicas: several bots run one scenario together, and something happens to one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clock import Clock
from services.storage.table import Operation, Row, Table
from services.workflow.version import HANDLES
from tests.chaos.counted_cells import counted_table
from tests.chaos.exchanges import Exchanges, NumberedAzure, NumberedTable
from tests.chaos.interrupted_scenarios import Outcome, policy_file, undisturbed
from tests.chaos.play import Play, ScenarioStoppedError
from tests.chaos.records import Record, differences, record, repeated, statuses_only, unrecorded
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.virtual_bot import POLL, Stage, VirtualBot, a_stage
from tests.support.clock import ManualClock
from tests.support.deployment import DANA, Trust
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock
from tests.support.tables.memory_table import in_one_page
from tests.support.tables.newer_table import NEWER, TableOfTheNewer

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
    """The table as one replica sees it, which can be interrupted before each of its changes."""

    def __init__(self, table: Table, exchanges: Exchanges) -> None:
        self._table = table
        self._exchanges = exchanges
        self.changes = 0
        self.interrupted_at = 0
        """The number of the change that is interrupted; 0 for none."""
        self.interrupt: Callable[[], None] = lambda: None

    async def get(self, partition: str, key: str) -> Row | None:
        return await self._table.get(partition, key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        return await self._table.range(partition, start, stop, limit)

    pages = in_one_page

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        self.changes += self._exchanges.is_counting
        if self._exchanges.is_counting and self.changes == self.interrupted_at:
            self.interrupt()
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
        """What happens beside the scenario."""
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
        self._note_interruption()
        replica.kill()

    def pause(self, replica: VirtualBot) -> None:
        """Let a replica stand still for a while."""
        self._note_interruption()
        # Another one answers in its place, and it answers, too, once it goes on.
        self.unrecorded += bool(self._under_way)
        replica.pause()
        loop = asyncio.get_running_loop()
        loop.call_later(PAUSE.total_seconds(), replica.go_on, context=self._context)

    def _note_interruption(self) -> None:
        self.interrupted_at = self.clock()
        self.exchanges.was_interrupted = True
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
    table.interrupted_at, table.interrupt = at, lambda: crew.kill(first)


async def _paused(crew: Crew, replicas: int, at: int) -> None:
    await _nothing(crew, replicas, at)
    first, table = crew.replicas[0], crew.tables[0]
    table.interrupted_at, table.interrupt = at, lambda: crew.pause(first)


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
INTERRUPTED = ("one is killed", "one is paused for 60 s")
EXTENDED = "extended access"
_SCENARIOS = (EXTENDED, "rotation with three dependents")


@dataclass(frozen=True)
class ReplicasCell:
    """A number of replicas that run one scenario, and what happens to them."""

    happening: str
    replicas: int
    scenario: str

    @property
    def is_always_run(self) -> bool:
        """Whether it is run with all tests, not only by `make chaos`."""
        return (
            self.replicas == 2 and self.happening not in INTERRUPTED and self.scenario == EXTENDED
        )

    def __str__(self) -> str:
        return f"{self.replicas} {_TITLE}, {self.scenario}: {self.happening}"


CELLS = [
    ReplicasCell(happening, replicas, scenario)
    for happening in HAPPENINGS
    for replicas in (2, 4)
    for scenario in _SCENARIOS
]


@dataclass(frozen=True)
class _Result:
    record: Record
    wrong: Sequence[str]
    unrecorded: int
    was_interrupted: bool
    changes: int
    """How many changes the first replica made."""
    changed_by_newer: int


def run(cell: ReplicasCell, trust: Trust, every: int = EVERY) -> Outcome:
    """Let the replicas run the scenario, and compare with one that runs it alone."""
    expected = undisturbed(trust, cell.scenario).record
    is_interrupted = cell.happening in INTERRUPTED
    changes = _run_once(ReplicasCell("share the work", cell.replicas, cell.scenario), trust).changes
    interruptions = range(1, changes + 1, every) if is_interrupted else range(1)
    # Where clocks differ, so do the time that is left on a card, and the order of events.
    wanted = statuses_only(expected) if cell.happening == _CLOCKS else expected
    broken, interrupted, twice = list[str](), 0, 0
    for at in interruptions:
        result = _run_once(cell, trust, at)
        left = statuses_only(result.record) if cell.happening == _CLOCKS else result.record
        wrong = [*result.wrong, *differences(left, wanted, result.unrecorded)]
        interrupted += result.was_interrupted
        if "upgrade" in cell.happening and not result.changed_by_newer:
            wrong.append("the newer version did nothing")
        if wrong:
            broken.append("\n  ".join((f"{cell}, at change {at}", *wrong)))
        twice += repeated(left, wanted)
    # The replicas share the work a little differently each time.
    if is_interrupted and interrupted < _MOST * len(interruptions):
        broken.append(f"of {len(interruptions)} runs only {interrupted} were interrupted")
    runs = interrupted if is_interrupted else len(interruptions)
    return Outcome(runs, runs, broken, twice)


def _run_once(cell: ReplicasCell, trust: Trust, at: int = 0) -> _Result:
    return virtual_time.run(_live_in_virtual_time(cell, trust, at))


async def _live_in_virtual_time(cell: ReplicasCell, trust: Trust, at: int) -> _Result:
    scenario = SCENARIOS[cell.scenario]
    exchanges, clock = Exchanges(), LoopClock()
    table = NumberedTable(exchanges)
    changed = {"POLICY_FILE": policy_file(trust, scenario.rules)} if scenario.rules else {}
    faults = NumberedAzure(exchanges, clock)
    async with a_stage(trust, clock, faults, exchanges.in_teams, POLL, **changed) as stage:
        crew = Crew(stage, table, exchanges)
        await HAPPENINGS[cell.happening](crew, cell.replicas, at)
        try:
            await scenario.run(crew)
        except ScenarioStoppedError as stopped:
            crew.wrong.append(f"it never came to this: {stopped}")
        left = record(stage.sandbox, table, stage.teams, await crew.look(DANA))
        result = _Result(
            left,
            tuple(crew.wrong),
            crew.unrecorded,
            exchanges.was_interrupted,
            crew.tables[0].changes,
            sum(each.changes for each in crew.newer_tables),
        )
        await crew.close()
    return result


def tables(said: Mapping[str, str]) -> Iterator[str]:
    """Yield the table in Markdown, from the cells' texts by their names, if any was run."""
    if not any(f" {_TITLE}, " in name for name in said):
        return
    columns = [(replicas, scenario) for replicas in (2, 4) for scenario in _SCENARIOS]
    titles = [f"{replicas}: {scenario}" for replicas, scenario in columns]
    rows = {one: [ReplicasCell(one, *each) for each in columns] for one in HAPPENINGS}
    yield counted_table(said, _TITLE, titles, rows)
