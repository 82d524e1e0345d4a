"""Whatever happens in whatever order, nobody keeps access that no row knows of.

Hypothesis plays people, time, Azure's faults and crashes against Latchkey. After every step it
looks into Azure and into the table, behind Latchkey's back.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.access import Request, RequestState, decide_answer
from domain.backoff import LONGEST
from domain.people import Actor
from domain.refusals import Refusal
from services.agenda import CLAIM
from services.faults import Fault, NotPermitted, Unavailable
from services.listings import Listing
from tests.support.builders import ADA, BO, CY, DANA, EVE, email_of, kinds, policies
from tests.support.crashing_table import Crash, Killed, When
from tests.support.house import House, World

T = TypeVar("T")

MOST = 6
"""How many requests there are in one run."""
OPEN = {
    RequestState.GRANTING,
    RequestState.ACTIVE,
    RequestState.REVOKING,
    RequestState.STUCK,
}
DECISIONS = {"denied", "cancelled", "lapsed", "granted", "failed"}
FAULTS = (
    Unavailable("Azure", "503"),
    Unavailable("Azure", "429", retry_after=timedelta(seconds=40)),
    NotPermitted("Azure", "403"),
)

choices = st.integers(min_value=0, max_value=MOST)
requesters = st.sampled_from([DANA, DANA, EVE, ADA])
clickers = st.sampled_from([ADA, BO, CY, BO, CY, DANA])
windows = st.integers(min_value=5, max_value=240).map(lambda minutes: timedelta(minutes=minutes))


class Machine(RuleBasedStateMachine):
    """One world in which people, faults and crashes come in any order."""

    def __init__(self) -> None:
        super().__init__()
        # Not a Runner: that would drop the loop which pytest-asyncio keeps as the current one.
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(_let_the_dead_rest)
        self.asked: dict[str, Actor] = {}
        self.world: World
        self.house: House
        self.reader: House

    @initialize(quorum=st.sampled_from([1, 1, 2]))
    def begin(self, quorum: int) -> None:
        approvers = (email_of(ADA), email_of(BO), email_of(CY))
        self.world = World(rules=policies(approvers=approvers, min_approvals=quorum))
        self.house = House(self.world)
        self.reader = House(self.world)

    def teardown(self) -> None:
        try:
            self.all_is_taken_away_when_azure_and_time_allow()
        finally:
            self._run(self._let_all_end())
            self.loop.close()

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=requesters, window=windows)
    def ask(self, who: Actor, window: timedelta) -> None:
        request_id = f"req-{len(self.asked)}"
        self.asked[request_id] = who
        self._do(self.house.ask(who, request_id, window=window))

    @precondition(lambda self: self.asked)
    @rule(which=choices)
    def ask_again(self, which: int) -> None:
        request_id = self._choose(which)
        self._do(self.house.ask(self.asked[request_id], request_id))

    @precondition(lambda self: self.asked)
    @rule(who=st.sets(clickers, min_size=1), which=choices)
    def approve(self, who: set[Actor], which: int) -> None:
        """Let some people click at once."""
        request_id = self._choose(which)
        self._do(_all_of(self.house.approve(each, request_id) for each in who))

    @precondition(lambda self: self.asked)
    @rule(who=clickers, which=choices)
    def deny(self, who: Actor, which: int) -> None:
        self._do(self.house.deny(who, self._choose(which)))

    @precondition(lambda self: self.asked)
    @rule(who=requesters, which=choices)
    def cancel(self, who: Actor, which: int) -> None:
        self._do(self.house.endings.cancel(who, self._choose(which)))

    @precondition(lambda self: self.asked)
    @rule(who=st.sets(st.sampled_from([DANA, EVE, ADA, CY]), min_size=1), which=choices)
    def end_early(self, who: set[Actor], which: int) -> None:
        """Let some people, of whom not all may, end the same access at once."""
        request_id = self._choose(which)
        self._do(_all_of(self.house.endings.end(each, request_id) for each in who))

    @rule()
    def tick(self) -> None:
        self._do(self.house.tick())

    @rule()
    def let_two_replicas_work_at_once(self) -> None:
        self._do(_all_of((self.house.tick(), House(self.world).tick())))

    @rule(minutes=st.sampled_from([0.1, 1, 10, 60]))
    def let_time_pass_without_a_tick(self, minutes: float) -> None:
        self.world.clock.advance(minutes=minutes)

    @rule(minutes=st.sampled_from([1, 10, 60]))
    def let_time_pass(self, minutes: float) -> None:
        self._do(self.house.pass_time(timedelta(minutes=minutes)))

    @rule(
        operation=st.sampled_from(["create", "read", "delete"]),
        fault=st.sampled_from(FAULTS),
        when=st.sampled_from(When),
        times=st.integers(min_value=1, max_value=4),
    )
    def break_azure(self, operation: str, fault: Fault, when: When, times: int) -> None:
        if isinstance(fault, NotPermitted):
            when = When.BEFORE  # whoever may not do a thing has not done it
        self.world.assignments.faults.order(operation, fault, when=when, times=times)

    @rule(seconds=st.sampled_from([0, 3, 30]))
    def let_azure_show_late(self, seconds: int) -> None:
        self.world.assignments.lag = timedelta(seconds=seconds)

    @rule(at=st.integers(min_value=1, max_value=12), when=st.sampled_from(When))
    def doom(self, at: int, when: When) -> None:
        """Leave the work to a process that dies at one of its next writes or effects."""
        self.house = House(self.world, Crash(at, when))

    @rule()
    def all_is_taken_away_when_azure_and_time_allow(self) -> None:
        self.world.assignments.faults.clear()
        self.world.assignments.lag = timedelta()
        self.house = House(self.world)
        self._run(self.house.pass_time(CLAIM + 2 * LONGEST))
        now = self.world.clock()

        requests = [request for request in self._requests() if request.state in OPEN]
        for request in requests:
            assert request.state is RequestState.ACTIVE
            assert request.granted.expires_at is not None
            assert now < request.granted.expires_at
        expected = {request.granted.assignment.id for request in requests}
        assert expected == set(self.world.assignments.names())
        assert expected == set(self._run(self.world.leases()))

    @invariant()
    def no_access_exists_that_no_row_knows(self) -> None:
        known = {
            request.granted.assignment.id for request in self._requests() if request.state in OPEN
        }
        assert set(self.world.assignments.names()) <= known

    @invariant()
    def whatever_is_open_will_fall_due(self) -> None:
        queued = self._run(self.world.queued())
        for request in self._requests():
            if request.state in OPEN | {RequestState.PENDING}:
                assert any(
                    row.startswith("agenda~") and row.endswith(f"~{request.id}") for row in queued
                )

    @invariant()
    def each_request_is_decided_once_and_by_enough(self) -> None:
        for request in self._requests():
            events = kinds(self._run(self.reader.events(request.id)))
            assert sum(kind in DECISIONS for kind in events) <= 1
            assert events.count("revoked") <= 1
            approvers = {approval.approver for approval in request.approvals}
            assert request.requester not in approvers
            if request.grant:
                assert len(approvers) == request.terms.min_approvals

    @invariant()
    def whatever_is_open_is_on_the_list_of_who_asked_and_of_who_can_decide_it(self) -> None:
        requests = self._requests()
        for who in (DANA, EVE, ADA):
            held = {
                request.id
                for request in requests
                if request.requester == who and request.state in OPEN | {RequestState.PENDING}
            }
            assert held == self._listed(self.reader.listings.mine(who, MOST))
        waiting = {one.id for one in requests if decide_answer(one, BO).allowed}
        assert waiting == self._listed(self.reader.listings.to_decide(BO, MOST))

    def _listed(self, listing: Coroutine[Any, Any, Listing]) -> set[str]:
        return {request.id for request in self._run(listing).requests}

    def _requests(self) -> list[Request]:
        load = self.reader.workflows.load_as
        found = [self._run(load(Request, request_id)) for request_id in self.asked]
        return [stored.head for stored in found if stored]

    def _choose(self, which: int) -> str:
        """Choose a request, the newer ones more often."""
        return list(self.asked)[-1 - which % len(self.asked)]

    def _do(self, step: Coroutine[Any, Any, object]) -> None:
        """Let a step happen, be refused, or kill the process."""
        try:
            self._run(step)
        except Refusal:
            return
        except Killed:
            self.house = House(self.world)

    def _run(self, step: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(step)

    async def _let_all_end(self) -> None:
        kicked = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*kicked, return_exceptions=True)


def _let_the_dead_rest(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what nobody waited for, but for a process that died."""
    if not isinstance(context.get("exception"), Killed):
        loop.default_exception_handler(context)


async def _all_of(steps: Iterable[Awaitable[object]]) -> None:
    """Take steps at once; those that are refused stop none of the others."""
    answers = await asyncio.gather(*steps, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
            raise answer


Machine.TestCase.settings = settings(
    max_examples=75,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAccessMachine = Machine.TestCase
