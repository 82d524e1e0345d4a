"""Effects that Azure carries out after the caller stopped waiting, and what we claim meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.access.assignment import Assignment
from domain.access.request import GRANT_PATIENCE, RequestState
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE
from services.faults import Rejected, StandingAccess, Unavailable
from services.workflow.due.agenda import CLAIM
from tests.support.azure_fakes import FakeAssignments
from tests.support.builders import ADA, ASSIGNMENT, HOUR, MINUTE, SECOND
from tests.support.clock import ManualClock
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When

AFTER = [5, 20, 70]
"""How many seconds after its failed request an effect lands."""
BY_SOMEBODY = "0f0f0f0f-0000-4000-8000-000000000000"
DOWN = Unavailable("Azure", "503")


async def _is_said(replica: Replica, state: RequestState, *, within: timedelta) -> datetime:
    """Let time pass second by second until a request is in this state; return when it is."""
    clock = replica.world.clock
    end = clock() + within
    while (await replica.request()).state is not state:
        assert clock() < end, f"it is {(await replica.request()).state} still"
        await replica.pass_time(SECOND)
    return clock()


async def _watch(replica: Replica, by: timedelta) -> timedelta:
    """Let time pass, and return how long there was access."""
    had = timedelta()
    end = replica.world.clock() + by
    while replica.world.clock() < end:
        await replica.pass_time(5 * SECOND)
        had += 5 * SECOND if replica.world.assignments.all() else timedelta()
    return had


@pytest.mark.parametrize("seconds", AFTER)
async def test_a_grant_reported_as_failed_never_exists_afterwards(seconds: int) -> None:
    world = World()
    replica = Replica(world)
    world.assignments.faults.order("create", DOWN, times=1_000)
    await replica.ask()
    await replica.approve()
    await replica.pass_time(GRANT_PATIENCE - 30 * SECOND)
    world.assignments.faults.clear()
    world.assignments.carry_out_late("create", timedelta(seconds=seconds), times=1_000)

    await _is_said(replica, RequestState.FAILED, within=5 * MINUTE)

    assert await _watch(replica, 2 * HOUR) == timedelta()


@pytest.mark.parametrize("seconds", AFTER)
async def test_access_reported_as_revoked_never_comes_back(seconds: int) -> None:
    world = World()
    replica = Replica(world)
    world.assignments.carry_out_late("create", timedelta(seconds=seconds))
    await replica.ask()
    await replica.approve()
    await replica.settle()
    await replica.pass_time(2 * SECOND)
    granted = await replica.request()

    await replica.endings.end(ADA, "req-one")
    await replica.settle()
    during = await replica.request()
    await _is_said(replica, RequestState.REVOKED, within=2 * MINUTE)

    assert granted.state is RequestState.ACTIVE
    assert during.state is RequestState.REVOKING
    assert await _watch(replica, 2 * HOUR) == timedelta()
    assert await replica.event_kinds() == [
        "requested",
        "approved",
        "granted",
        "ended_early",
        "watched",
        "revoked",
    ]


async def test_a_late_assignment_after_an_early_end_is_removed_within_half_a_minute() -> None:
    world = World()
    replica = Replica(world)
    world.assignments.carry_out_late("create", timedelta(seconds=20), times=2)
    await replica.ask()
    await replica.approve()
    await replica.settle()
    await replica.endings.end(ADA, "req-one")

    had = await _watch(replica, 2 * MINUTE)

    assert had <= 15 * SECOND
    assert (await replica.request()).state is RequestState.REVOKED


async def test_a_lost_answer_whose_effect_was_seen_delays_nothing() -> None:
    world = World()
    replica = Replica(world)
    world.assignments.faults.order("create", DOWN, when=When.AFTER)
    await replica.ask()
    await replica.approve()
    await replica.pass_time(5 * SECOND)

    await replica.endings.end(ADA, "req-one")
    await replica.settle()

    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.calls.count("create") == 1


@pytest.mark.parametrize("seconds", AFTER)
async def test_a_late_deletion_cuts_no_later_grant_short(seconds: int) -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.assignments.carry_out_late("delete", timedelta(seconds=seconds))
    await replica.endings.end(ADA, "req-one")
    await replica.pass_time(3 * SECOND)
    ended = await replica.request()
    await replica.ask(request_id="req-two")
    await replica.approve(request_id="req-two")

    await replica.pass_time(RESOURCE_MANAGER_LIFE + 2 * MINUTE)
    later = await replica.request("req-two")

    assert ended.state is RequestState.REVOKED
    assert later.state is RequestState.ACTIVE
    assert world.assignments.names() == [ASSIGNMENT.id]


@pytest.mark.parametrize("seconds", AFTER)
async def test_what_a_crashed_process_sent_is_awaited_before_access_counts_as_gone(
    seconds: int,
) -> None:
    world = World()
    world.lands_after = timedelta(seconds=seconds)
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    # It crashes as soon as it has stored the approval.
    replica.access._advance_soon = lambda _: None
    await replica.approve()
    doomed = Replica(world, Crash(2, When.BEFORE))  # its first write is the lease, then it sends
    with pytest.raises(Killed):
        await doomed.engine.advance("req-one")
    world.clock.advance(CLAIM)
    replica = Replica(world)
    await replica.settle()
    granted = await replica.request()

    await replica.endings.end(ADA, "req-one")
    await replica.settle()
    await _is_said(replica, RequestState.REVOKED, within=3 * MINUTE)

    assert granted.state is RequestState.ACTIVE
    assert await _watch(replica, HOUR) == timedelta()


async def test_the_end_of_one_of_two_grants_leaves_its_late_assignment_to_the_other() -> None:
    world = World()
    replica = Replica(world)
    world.assignments.carry_out_late("create", timedelta(seconds=70))
    await replica.ask()
    await replica.approve()
    await replica.pass_time(2 * SECOND)
    await replica.give(request_id="req-two")

    await replica.endings.end(ADA, "req-one")
    await replica.endings.end(ADA, "req-two")
    await replica.settle()
    ended = [(await replica.request(one)).state for one in ("req-one", "req-two")]
    await replica.pass_time(2 * MINUTE)

    assert ended == [RequestState.REVOKED, RequestState.REVOKING]
    assert (await replica.request("req-two")).state is RequestState.REVOKED
    assert world.assignments.names() == []


class ThatLags(FakeAssignments):
    """As Azure does: a PUT on an existing assignment is a conflict, whatever reads show."""

    async def create(self, assignment: Assignment, description: str) -> None:
        if any(facts.assignment.id == assignment.id for facts in self.all()):
            if await self.read(assignment) is None:
                raise StandingAccess("Azure role assignments", "409 RoleAssignmentExists")
            return
        await super().create(assignment, description)


async def test_a_late_assignment_is_not_taken_for_someone_elses() -> None:
    world = World()
    world.assignments = ThatLags(world.clock)
    world.assignments.lag = timedelta(seconds=30)
    world.assignments.faults.order("create", DOWN, when=When.AFTER)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()

    await replica.pass_time(30 * MINUTE)

    assert (await replica.request()).state is RequestState.ACTIVE


async def test_someone_elses_assignment_that_is_read_is_left_alone() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, BY_SOMEBODY)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await replica.settle()

    request = await replica.request()

    assert request.state is RequestState.FAILED
    assert world.assignments.names() == [BY_SOMEBODY]


async def test_an_unanswered_request_is_awaited_even_if_someone_else_assigned_the_same() -> None:
    world = World()
    world.assignments.carry_out_late("create", timedelta(seconds=70))
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await replica.settle()
    world.assignments.plant(ASSIGNMENT, BY_SOMEBODY)
    await replica.pass_time(5 * SECOND)
    world.assignments.forget(ASSIGNMENT.scope, BY_SOMEBODY)

    await _is_said(replica, RequestState.FAILED, within=2 * MINUTE)

    assert await _watch(replica, HOUR) == timedelta()


class DownThenLate(FakeAssignments):
    """ARM that is throttled for ten minutes and carries out the last PUT after the caller left."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self._manual = clock
        self.until = datetime.max.replace(tzinfo=UTC)

    async def create(self, assignment: Assignment, description: str) -> None:
        left = self.until - self._clock()
        if left > timedelta(seconds=16):
            raise Unavailable("Azure", "429", left - timedelta(seconds=10), outcome_unknown=False)
        self.land_later("create", assignment, timedelta(seconds=20), description)
        self._manual.advance(seconds=15)
        raise Unavailable("Azure", "no answer in time")


async def test_a_last_attempt_that_lands_after_giving_up_leaves_nothing() -> None:
    world = World()
    assignments = DownThenLate(world.clock)
    world.assignments = assignments
    replica = Replica(world)
    await replica.ask(window=5 * MINUTE)
    await replica.settle()
    assignments.until = world.clock() + GRANT_PATIENCE
    await replica.approve()

    await _is_said(replica, RequestState.FAILED, within=15 * MINUTE)

    assert await _watch(replica, 2 * HOUR) == timedelta()


async def test_a_refusal_after_a_lost_answer_is_not_called_failed_at_once() -> None:
    world = World()
    world.assignments.carry_out_late("create", timedelta(seconds=20))
    world.assignments.faults.order("create", Rejected("Azure", "400 BadRequest"), times=100)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await replica.pass_time(5 * SECOND)
    before = await replica.request()

    await _is_said(replica, RequestState.FAILED, within=2 * MINUTE)

    assert before.state is RequestState.REVOKING
    assert world.assignments.all() == []


async def test_a_permanently_deleted_assignment_keeps_no_row(world_of_one: World) -> None:
    replica = Replica(world_of_one)
    world_of_one.assignments.carry_out_late("delete", timedelta(seconds=20))
    await replica.endings.end(ADA, "req-one")
    await replica.pass_time(5 * MINUTE)

    await replica.leases.tidy()
    rows = [
        row
        for digit in range(16)
        for row in await world_of_one.table.range(f"lease-{digit:x}", "", "~")
    ]

    assert rows == []


@pytest.fixture
async def world_of_one() -> World:
    world = World()
    await Replica(world).give()
    return world


async def test_an_assignment_later_than_its_longest_life_is_removed_within_minutes() -> None:
    world = World()
    world.assignments.carry_out_late("create", 3 * MINUTE)
    world.assignments.faults.order("create", Rejected("Azure", "400 BadRequest"), times=100)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    failed_at = await _is_said(replica, RequestState.FAILED, within=2 * MINUTE)

    had = await _watch(replica, 2 * HOUR)

    assert timedelta() < had <= 6 * MINUTE
    assert world.clock() - failed_at > HOUR
    assert world.assignments.names() == []


async def test_the_final_check_leaves_a_later_grants_assignment() -> None:
    world = World()
    world.assignments.carry_out_late("create", timedelta(seconds=5))
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await replica.pass_time(2 * SECOND)
    await replica.endings.end(ADA, "req-one")
    await _is_said(replica, RequestState.REVOKED, within=2 * MINUTE)
    await replica.give(request_id="req-two", window=2 * HOUR)

    await replica.pass_time(HOUR)

    assert (await replica.request("req-two")).state is RequestState.ACTIVE
    assert world.assignments.names() == [ASSIGNMENT.id]


async def test_a_failed_final_check_is_retried_minutes_later_and_not_at_once() -> None:
    world = World()
    world.assignments.carry_out_late("create", 3 * MINUTE)
    world.assignments.faults.order("create", Rejected("Azure", "400 BadRequest"), times=100)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await _is_said(replica, RequestState.FAILED, within=2 * MINUTE)
    world.assignments.faults.order("read", DOWN, times=2)
    before = world.assignments.calls.count("read")

    await replica.pass_time(12 * MINUTE)
    tries = world.assignments.calls.count("read") - before
    await replica.pass_time(HOUR)

    assert tries == 2
    assert world.assignments.names() == []


LAGS = [3, 30]
"""After how many seconds a read shows what was made."""


async def _granting(world: World, replica: Replica) -> None:
    """Approve a request whose assignment Azure makes at once, and no read has shown yet."""
    await replica.ask()
    await replica.approve()
    await replica.settle()
    assert (await replica.request()).state is RequestState.GRANTING
    assert world.assignments.names() == [ASSIGNMENT.id]


@pytest.mark.parametrize("seconds", LAGS)
async def test_what_no_read_has_shown_yet_is_not_called_revoked_while_it_is_there(
    seconds: int,
) -> None:
    world = World()
    world.assignments.lag = timedelta(seconds=seconds)
    replica = Replica(world)
    await _granting(world, replica)
    world.assignments.deletions_to_lose = 2

    await replica.endings.end(ADA, "req-one")
    await replica.settle()
    during = await replica.request()
    leases = await world.leases()
    left = world.assignments.names()
    await _is_said(replica, RequestState.REVOKED, within=2 * MINUTE)

    assert left == [ASSIGNMENT.id]
    assert during.state is RequestState.REVOKING
    assert leases == [ASSIGNMENT.id]
    assert await _watch(replica, 2 * HOUR) == timedelta()
    assert (await replica.events())[-1].facts["found"] is True


async def test_what_was_made_and_could_not_be_read_is_not_called_revoked_while_it_is_there() -> (
    None
):
    world = World()
    world.assignments.lag = timedelta(seconds=30)
    world.assignments.faults.order("read", Unavailable("Azure", "503", outcome_unknown=False))
    replica = Replica(world)
    await _granting(world, replica)
    world.assignments.deletions_to_lose = 2

    await replica.endings.end(ADA, "req-one")
    await replica.settle()
    during = await replica.request()
    await _is_said(replica, RequestState.REVOKED, within=2 * MINUTE)

    assert during.state is RequestState.REVOKING
    assert await _watch(replica, 2 * HOUR) == timedelta()


async def test_a_part_that_no_read_has_shown_yet_is_not_called_failed_while_it_is_there() -> None:
    world = World()
    world.assignments.lag = timedelta(seconds=30)
    replica = Replica(world)
    await _granting(world, replica)
    world.assignments.faults.order("create", Rejected("Azure", "400 BadRequest"))
    world.assignments.deletions_to_lose = 1

    await replica.pass_time(3 * SECOND)
    during = await replica.request()
    await _is_said(replica, RequestState.FAILED, within=2 * MINUTE)

    assert during.state is RequestState.REVOKING
    assert await _watch(replica, 2 * HOUR) == timedelta()


async def test_a_grant_that_showed_late_and_was_seen_keeps_nobody_waiting() -> None:
    world = World()
    world.assignments.lag = timedelta(seconds=20)
    replica = Replica(world)
    await _granting(world, replica)
    await _is_said(replica, RequestState.ACTIVE, within=MINUTE)
    world.assignments.lag = timedelta()

    await replica.endings.end(ADA, "req-one")
    await replica.settle()

    assert (await replica.request()).state is RequestState.REVOKED
    assert "watched" not in await replica.event_kinds()


async def test_a_read_that_is_behind_an_earlier_one_does_not_make_access_revoked() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.assignments.lag = timedelta(seconds=30)
    world.assignments.deletions_to_lose = 1

    await replica.endings.end(ADA, "req-one")
    await replica.settle()
    during = await replica.request()
    await _is_said(replica, RequestState.REVOKED, within=2 * MINUTE)

    assert during.state is RequestState.REVOKING
    assert await _watch(replica, 2 * HOUR) == timedelta()


async def test_what_lands_last_and_shows_later_still_is_not_called_revoked() -> None:
    world = World()
    world.assignments.carry_out_late("create", timedelta(seconds=70))
    world.assignments.lag = timedelta(seconds=30)
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    await replica.settle()
    await replica.endings.end(ADA, "req-one")
    await replica.pass_time(RESOURCE_MANAGER_LIFE - 10 * SECOND)
    world.assignments.deletions_to_lose = 3

    await _is_said(replica, RequestState.REVOKED, within=3 * MINUTE)

    assert await _watch(replica, 2 * HOUR) == timedelta()


async def test_a_conflict_after_what_no_read_has_shown_leaves_nothing_of_ours() -> None:
    world = World()
    world.assignments.lag = timedelta(seconds=30)
    replica = Replica(world)
    await _granting(world, replica)
    world.assignments.lag = timedelta()
    world.assignments.plant(ASSIGNMENT, BY_SOMEBODY)  # a list is behind, and shows it still
    world.assignments.faults.order("create", StandingAccess("Azure", "RoleAssignmentExists"))

    await replica.pass_time(3 * SECOND)
    during = await replica.request()
    await _is_said(replica, RequestState.FAILED, within=2 * MINUTE)

    assert during.state is RequestState.REVOKING
    assert world.assignments.names() == [BY_SOMEBODY]
    assert await world.leases() == []


async def test_a_deletion_that_could_not_be_read_back_is_not_called_somebody_elses() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(10 * MINUTE)
    world.assignments.faults.order("read", DOWN)

    await replica.endings.end(ADA, "req-one")
    await replica.pass_time(5 * SECOND)

    assert (await replica.events())[-1].facts == {"shared": False, "found": True}


async def test_access_that_every_read_must_show_is_deleted_once() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()

    await replica.pass_time(HOUR)

    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.calls.count("delete") == 1


async def test_a_deletion_that_was_answered_is_not_taken_for_the_one_that_may_come_late() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(10 * MINUTE)
    world.assignments.lag = timedelta(seconds=3)
    world.assignments.carry_out_late("delete", timedelta(seconds=70))
    await replica.endings.end(ADA, "req-one")
    await _is_said(replica, RequestState.REVOKED, within=MINUTE)
    await replica.ask(request_id="req-two")
    await replica.approve(request_id="req-two")

    await replica.pass_time(RESOURCE_MANAGER_LIFE + 2 * MINUTE)

    assert (await replica.request("req-two")).state is RequestState.ACTIVE
    assert world.assignments.names() == [ASSIGNMENT.id]
