"""The base of the machine: one world, and processes that come and go in it."""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, initialize

from domain.access.request import RequestState
from domain.people import Actor
from domain.refusals.refusal import Refusal
from services.ports import AssignmentFacts
from tests.services.access_machine.actions import GROUP, MEMBERS, SECRETS, deployment
from tests.services.access_machine.observer import Seen, look, next_due
from tests.services.access_machine.stores import OpenStore, Store
from tests.support.builders import VAULT, in_directory
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Killed

T = TypeVar("T")

MOST = 8
"""The most requests in one run."""
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone requested."""

    who: Actor
    secrets: tuple[str, ...]
    window: timedelta | None
    for_whom: str
    broke_glass: bool
    starts_at: datetime | None = None


class Stage(RuleBasedStateMachine):
    """Runs steps, which may be refused or crash the process; subclasses hold the rules."""

    def __init__(self, open_store: OpenStore) -> None:
        super().__init__()
        self._open_store = open_store
        self._opened = AsyncExitStack()
        # Not a Runner: that would drop pytest-asyncio's current loop.
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_let_the_dead_rest)
        self.store: Store
        self.world: World
        self.replica: Replica
        self.asked: dict[str, Asked] = {}
        self.by_others: dict[str, AssignmentFacts] = {}
        """The assignments that someone else made, by name."""
        self.left_over: dict[str, AssignmentFacts] = {}
        """Our assignments left over from lost tables, by name."""
        self.taken: set[str] = set()
        """The IDs of our assignments that someone else removed."""
        self.is_doomed = False
        """Whether the current process is going to crash."""
        self.sound_since: datetime | None = None
        """Since when nothing is blocking; None while something is."""
        self.states: dict[str, RequestState] = {}
        """The last seen state of each request."""
        self.before: dict[str, tuple[str, ...]] = {}
        """The last seen hashes of each request's events."""

    @initialize()
    def begin(self) -> None:
        self.store = self.run(self._opened.enter_async_context(self._open_store()))
        self.world = World(self.store.table, deployment())
        for secret in SECRETS:
            self.world.secrets.put(VAULT, secret)
        self.world.groups.add(GROUP, *map(in_directory, MEMBERS))
        self.replica = Replica(self.world)
        self.do(self.replica.reconcile.begin())

    def teardown(self) -> None:
        self.run(self._let_all_end())
        self._loop.close()

    def choose(self, which: int, *states: RequestState) -> str:
        """Choose a request, usually one in one of these states if there is any."""
        fitting = [one for one in self.asked if self.states.get(one) in states]
        among = fitting if fitting and which < MOST else list(self.asked)
        return among[which % len(among)]

    def do(self, step: Coroutine[Any, Any, object]) -> None:
        """Run a step, which may be refused or crash the process."""
        try:
            self.run(step)
        except Refusal:
            return
        except Killed:
            self.live_on()

    def live_on(self) -> None:
        """Hand over to a new process."""
        self.replica = Replica(self.world)
        self.is_doomed = False
        self.sound_since = None

    def do_at_once(self, steps: Iterable[Awaitable[object]]) -> None:
        """Run steps concurrently; a refused one doesn't stop the others."""
        self.do(_all_of(steps))

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(step)

    def look(self) -> Seen:
        """Read Azure and the table."""
        return self.run(look(self.world, self.store, list(self.asked)))

    async def let_time_pass(self, by: timedelta) -> None:
        """Let time pass, with a tick whenever something is due."""
        clock = self.world.clock
        end = clock() + by
        while (due := await self._work_until_nothing_is_due()) and due <= end:
            clock.advance_to(due)
        clock.advance_to(end)

    async def _work_until_nothing_is_due(self) -> datetime | None:
        """Tick until nothing is due; return when something will be."""
        for _ in range(_ROUNDS):
            await self.replica.tick()
            due = await next_due(self.store)
            if due is None or due > self.world.clock():
                return due
        raise AssertionError("something is always due")

    async def _let_all_end(self) -> None:
        advancing = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*advancing, return_exceptions=True)
        await self._opened.aclose()


def _let_the_dead_rest(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report unawaited errors, except those of a crashed process."""
    if not isinstance(context.get("exception"), Killed):
        loop.default_exception_handler(context)


async def _all_of(steps: Iterable[Awaitable[object]]) -> None:
    answers = await asyncio.gather(*steps, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
            raise answer
