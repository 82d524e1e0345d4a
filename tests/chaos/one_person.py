"""One person's requests are in trouble for an hour; somebody else's are as fast as ever."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.calls import Call
from sandbox.faults import Faults, InjectedFault
from sandbox.seed import APP_API_KEY, DEMO_API_KEY
from services.people.directory import FRESH
from tests.chaos.facts import ends_at, gone_at, has_access, truth_about_access
from tests.chaos.outages import PATHS, Dependency, Trouble, in_azure, in_teams
from tests.chaos.virtual_bot import Stage, VirtualBot, a_stage, until
from tests.support.deployment import AVERY, DANA, MORGAN, Trust
from tests.support.people import Seen
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import Fault, Person, a_personal_chat

ON_TIME = timedelta(seconds=2)
_PATIENCE = timedelta(minutes=3)
_WINDOWS = {DANA: FRESH + timedelta(minutes=4), MORGAN: timedelta(minutes=5)}

DEPENDENCIES = (Dependency.VAULT, Dependency.ARM, Dependency.GRAPH, Dependency.TEAMS)
TROUBLES = (Trouble.SLOW, Trouble.SILENT, Trouble.SILENT_AFTER)


@dataclass
class OnePersonsTrouble(Faults):
    """One dependency answers late, or not at all, whenever a request concerns Dana."""

    dependency: Dependency = Dependency.ARM
    trouble: Trouble = Trouble.SLOW
    has_begun: bool = False
    affected: int = 0
    _assignments: set[str] = field(default_factory=set)
    """The paths of her role assignments: only the requests that create them name her."""

    def take(self, call: Call, target: str) -> InjectedFault | None:
        if DANA.object_id in call.body.decode() and "/roleassignments/" in call.path.lower():
            self._assignments.add(call.path.lower())
        path = PATHS.get(self.dependency)
        if not (self.has_begun and path and path.search(target) and self._is_hers(call, target)):
            return super().take(call, target)
        self.affected += 1
        return in_azure(self.trouble)

    def in_teams(self, _: str, about: Sequence[str]) -> Fault | None:
        """Return what Teams does with a request about these conversations."""
        is_hers = self.dependency is Dependency.TEAMS and a_personal_chat(DANA).id in about
        if not (self.has_begun and is_hers):
            return None
        self.affected += 1
        return in_teams(self.trouble)

    def _is_hers(self, call: Call, target: str) -> bool:
        if self.dependency is Dependency.VAULT:
            return f"/secrets/{APP_API_KEY}" in target
        return DANA.object_id in target or call.path.lower() in self._assignments


@dataclass
class Neighbour:
    """What came of a cell: how long each step of Morgan's took, and what wasn't right."""

    took: dict[str, timedelta] = field(default_factory=dict)
    affected: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OnePersonCell:
    """One dependency in one trouble with everything about one person."""

    dependency: Dependency
    trouble: Trouble

    @property
    def is_always_run(self) -> bool:
        """Whether it is run with all tests, not only by `make chaos`."""
        return (self.dependency, self.trouble) == (Dependency.ARM, Trouble.SILENT)

    def __str__(self) -> str:
        return f"{_TITLE}, {self.dependency}: {self.trouble}"

    def live(self, trust: Trust) -> Neighbour:
        """Live it in virtual time."""
        return virtual_time.run(_live(trust, self))

    def broken_promises(self, neighbour: Neighbour) -> list[str]:
        """Return everything that doesn't hold."""
        slow = [f"{step} took {took}" for step, took in neighbour.took.items() if took > ON_TIME]
        return [
            *neighbour.wrong,
            *slow,
            *([] if neighbour.affected else ["no request was affected"]),
        ]

    def said(self, neighbour: Neighbour) -> str:
        """Return what came of it, for the table."""
        return f"{max(neighbour.took.values()).total_seconds():.1f} s"


_TITLE = "one person's requests"
CELLS = [OnePersonCell(each, trouble) for each in DEPENDENCIES for trouble in TROUBLES]


def tables(said: Mapping[str, str]) -> Iterator[str]:
    """Yield the table in Markdown, from the cells' texts by their names, if any was run."""
    if not any(name.startswith(_TITLE) for name in said):
        return
    lines = [f"| {_TITLE} | {' | '.join(DEPENDENCIES)} |", "|---" * (len(DEPENDENCIES) + 1) + "|"]
    for trouble in TROUBLES:
        cells = [said.get(str(OnePersonCell(each, trouble)), "") for each in DEPENDENCIES]
        lines.append(f"| {trouble} | {' | '.join(cells)} |")
    yield "\n".join(lines)


async def _live(trust: Trust, cell: OnePersonCell) -> Neighbour:
    clock, table, neighbour = LoopClock(), MemoryTable(), Neighbour()
    trouble = OnePersonsTrouble(dependency=cell.dependency, trouble=cell.trouble)
    async with a_stage(trust, clock, trouble, trouble.in_teams) as stage:
        stage.teams.on_message = truth_about_access(stage.sandbox, clock, neighbour.wrong)
        bot = stage.bot(table)
        await bot.start()
        try:
            await _Neighbours(stage, bot, table, trouble, neighbour).live()
        except TimeoutError as late:
            neighbour.wrong.append(f"it never came to this: {late}")
        finally:
            neighbour.affected = trouble.affected
            trouble.clear()
            await bot.stop()
    return neighbour


class _Neighbours:
    """Dana, whose requests are in trouble, and Morgan, who knows nothing of it."""

    def __init__(
        self,
        stage: Stage,
        bot: VirtualBot,
        table: MemoryTable,
        trouble: OnePersonsTrouble,
        neighbour: Neighbour,
    ) -> None:
        self._stage = stage
        self._bot = bot
        self._table = table
        self._trouble = trouble
        self._neighbour = neighbour

    async def live(self) -> None:
        """Let Dana's access begin, then her trouble, and then Morgan's whole life of access."""
        for person in (AVERY, DANA, MORGAN):
            await self._bot.type(person, "help")
        await self._ask(DANA, DEMO_API_KEY)
        await self._approve(DANA)
        await self._passes("Dana is told", self._is_told(DANA, "Access granted"))
        await asyncio.sleep(FRESH.total_seconds())  # what the directory said of her is forgotten
        self._trouble.has_begun = True
        asking = asyncio.create_task(self._ask(DANA, APP_API_KEY, patience=_WINDOWS[DANA]))
        await asyncio.sleep(5)
        await self._timed("asking", self._ask(MORGAN, DEMO_API_KEY))
        await self._timed("granting", self._approve(MORGAN))
        told = self._passes("Morgan is told", self._is_told(MORGAN, "Access granted"))
        await self._timed("telling of access", told)
        end = ends_at(MORGAN, self._table)
        await asyncio.sleep((end - self._now()).total_seconds())
        gone = self._passes("Morgan's access ends", lambda: gone_at(MORGAN, self._stage.sandbox))
        await self._timed("ending access", gone)
        told = self._passes("Morgan is told", self._is_told(MORGAN, "Access ended"))
        await self._timed("telling of the end", told)
        await asyncio.gather(asking, return_exceptions=True)
        self._trouble.has_begun = False
        await self._passes("Dana's access ends", lambda: gone_at(DANA, self._stage.sandbox))

    def _now(self) -> datetime:
        return self._stage.clock()

    async def _timed(self, step: str, it: Coroutine[Any, Any, None]) -> None:
        begun = self._now()
        await it
        self._neighbour.took[step] = self._now() - begun

    async def _passes(
        self, what: str, is_so: Callable[[], object], patience: timedelta = _PATIENCE
    ) -> None:
        if not await until(is_so, self._stage.clock, self._now() + patience):
            raise TimeoutError(what)

    async def _ask(self, person: Person, secret: str, patience: timedelta = _PATIENCE) -> None:
        """Ask for access, and wait until an approver is asked."""
        before = len(self._asked())
        seconds = _WINDOWS[person].total_seconds()
        await self._bot.type(person, f"request secret {secret} for {seconds:g}s because smoke test")
        what = f"the approver is asked about {person.name}"
        await self._passes(what, lambda: len(self._asked()) > before, patience)

    async def _approve(self, person: Person) -> None:
        [card] = [seen for seen in self._asked()[-2:] if person.name in seen.words][-1:]
        await self._bot.press(AVERY, card, "Approve")
        await self._passes(
            f"{person.name} has access", lambda: has_access(person, self._stage.sandbox)
        )

    def _asked(self) -> list[Seen]:
        return [seen for seen in self._bot.sent_to(AVERY) if seen.title == "Access request"]

    def _is_told(self, person: Person, status: str) -> Callable[[], object]:
        own = self._bot.sent_to
        return lambda: any(
            seen.title == "Your access request" and seen.status == status for seen in own(person)
        )
