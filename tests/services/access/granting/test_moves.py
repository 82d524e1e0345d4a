"""Granting and revoking access when Azure doesn't always cooperate."""

from datetime import timedelta

import pytest

from domain.access.assignment import Assignment
from domain.access.request import GRANT_PATIENCE, RequestState
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE, SHOWN_AFTER
from services.faults import Fault, NotPermitted, Rejected, Unavailable
from services.workflow.engine import MOVE_TIMEOUT
from tests.support.builders import (
    ADA,
    ASSIGNMENT,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    ROLE,
    SECOND,
    SECRET,
    policies,
)
from tests.support.clock import NINE
from tests.support.refusing import failure_of
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import When

STANDING = "0f0f0f0f-0000-4000-8000-000000000000"
FOREVER = 1_000_000
DOWN = Unavailable("Azure", "503")
FORBIDDEN = NotPermitted("Azure", "403 AuthorizationFailed", status=403, code="AuthorizationFailed")
REJECTED = Rejected("Azure", "400 UnmatchedPrincipalType", status=400, code="Unmatched")
TEN = NINE + HOUR


async def _approved(world: World) -> Replica:
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    return replica


def _lose_all_answers(world: World) -> None:
    """Let Azure create assignments but lose every answer."""
    world.assignments.faults.order("create", DOWN, when=When.AFTER, times=FOREVER)
    world.assignments.faults.order("read", DOWN, times=FOREVER)


async def test_the_assignment_names_its_request_and_its_end() -> None:
    world = World()
    await Replica(world).give(secret=OTHER_SECRET)

    (facts,) = world.assignments.all()
    assert facts.assignment == ASSIGNMENT
    assert (
        facts.description == "Latchkey req-one: access to app-api-key, expires 2026-03-02T10:00:00Z"
    )


async def test_access_is_granted_only_after_the_lease_is_written() -> None:
    world = World()
    world.assignments.faults.order("create", DOWN)
    replica = await _approved(world)

    await replica.tick()

    assert world.assignments.all() == []
    assert await world.leases() == [ASSIGNMENT.id]


@pytest.mark.parametrize("operation", ["create", "read"])
@pytest.mark.parametrize("when", list(When))
async def test_a_grant_is_retried_until_it_is_read_back(operation: str, when: When) -> None:
    world = World()
    world.assignments.faults.order(operation, DOWN, when=when, times=3)
    replica = await _approved(world)

    await replica.settle()
    first = (await replica.request()).state
    await replica.pass_time(MINUTE)
    request = await replica.request()

    assert first is RequestState.GRANTING
    assert request.state is RequestState.ACTIVE
    assert world.assignments.names() == [ASSIGNMENT.id]
    assert (await replica.event_kinds()).count("granted") == 1


async def test_an_assignment_that_appears_late_is_granted_when_it_appears() -> None:
    world = World()
    world.assignments.lag = 20 * SECOND
    replica = await _approved(world)

    await replica.settle()
    before = await replica.event_kinds()
    await replica.pass_time(MINUTE)

    assert "granted" not in before
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_the_window_counts_from_the_assignment_not_from_its_discovery() -> None:
    world = World()
    world.assignments.faults.order("create", DOWN, when=When.AFTER)
    replica = await _approved(world)
    await replica.settle()

    world.clock.advance(minutes=3)
    await replica.settle()

    assert (await replica.request()).granted.expires_at == TEN


async def test_access_assigned_by_someone_else_is_refused_and_left_unchanged() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, STANDING, "by hand")
    replica = await _approved(world)

    await replica.settle()
    await replica.pass_time(2 * HOUR)
    request = await replica.request()

    assert request.state is RequestState.FAILED
    assert "already exists" in failure_of(request)
    assert await replica.event_kinds() == ["requested", "approved", "failed"]
    assert world.assignments.names() == [STANDING]
    assert "delete" not in world.assignments.calls
    assert await world.leases() == []


async def test_after_standing_access_is_gone_a_new_request_is_granted() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, STANDING)
    replica = await _approved(world)
    await replica.settle()

    world.assignments.forget(ASSIGNMENT.scope, STANDING)
    request = await replica.give(request_id="req-two")

    assert request.state is RequestState.ACTIVE


async def test_a_permanent_refusal_by_azure_ends_the_grant_at_once() -> None:
    world = World()
    world.assignments.faults.order("create", REJECTED, times=FOREVER)
    replica = await _approved(world)

    await replica.settle()
    request = await replica.request()

    assert request.state is RequestState.FAILED
    assert "Azure refused" in failure_of(request)
    assert await replica.event_kinds() == ["requested", "approved", "gave_up", "failed"]
    assert await world.leases() == []


async def test_a_different_assignment_under_our_id_is_not_accepted() -> None:
    world = World()
    another = Assignment(ASSIGNMENT.scope, EVE.object_id, ROLE)
    world.assignments.plant(another, ASSIGNMENT.id, "by hand")
    replica = await _approved(world)

    await replica.settle()

    assert "granted" not in await replica.event_kinds()


async def test_a_grant_ends_even_if_the_bot_can_neither_assign_nor_delete() -> None:
    world = World()
    for operation in ("create", "delete"):
        world.assignments.faults.order(operation, FORBIDDEN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE + SHOWN_AFTER + MINUTE)

    assert (await replica.request()).state is RequestState.FAILED
    assert "stuck" not in await replica.event_kinds()
    assert await world.queued() == []


async def test_a_forbidden_deletion_does_not_count_as_gone_while_reads_lag() -> None:
    world = World()
    world.assignments.lag = 30 * SECOND
    world.assignments.faults.order("read", REJECTED)
    world.assignments.faults.order("delete", FORBIDDEN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(HOUR)
    meanwhile = (await replica.request()).state
    world.assignments.faults.clear()
    await replica.pass_time(HOUR)

    assert meanwhile is RequestState.STUCK
    assert (await replica.request()).state is RequestState.FAILED
    assert world.assignments.all() == []


async def test_a_grant_azure_does_not_make_is_given_up_after_ten_minutes() -> None:
    world = World()
    world.assignments.faults.order("create", DOWN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE - SECOND)
    before = (await replica.request()).state
    await replica.pass_time(SECOND)
    request = await replica.request()

    assert before is RequestState.GRANTING
    assert request.state is RequestState.FAILED
    assert failure_of(request) == "The role assignment wasn't created within 10 minutes."
    assert world.message_sender.sent_to(DANA.object_id) == ["failed"]
    assert await world.leases() == []


async def test_giving_up_removes_what_an_attempt_with_a_lost_answer_left() -> None:
    world = World()
    _lose_all_answers(world)
    replica = await _approved(world)

    await replica.settle()
    left = world.assignments.names()
    await replica.pass_time(GRANT_PATIENCE - SECOND)
    world.assignments.faults.clear()
    await replica.pass_time(RESOURCE_MANAGER_LIFE + 2 * MINUTE)

    assert left == [ASSIGNMENT.id]
    assert (await replica.request()).state is RequestState.FAILED
    assert world.assignments.all() == []


async def test_leftovers_after_giving_up_are_removed_however_long_it_takes() -> None:
    world = World()
    _lose_all_answers(world)
    world.assignments.faults.order("delete", DOWN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE + 4 * MINUTE)
    before = (await replica.request()).state
    await replica.pass_time(HOUR)
    world.assignments.faults.clear()
    await replica.pass_time(3 * HOUR)

    assert before is RequestState.REVOKING
    assert (await replica.request()).state is RequestState.FAILED
    assert "stuck" in await replica.event_kinds()
    assert world.assignments.all() == []


@pytest.mark.parametrize("operation", ["delete", "read"])
@pytest.mark.parametrize(
    ("fault", "when"),
    [
        (DOWN, When.BEFORE),
        (DOWN, When.AFTER),
        (FORBIDDEN, When.BEFORE),
        (Rejected("Azure", "400"), When.BEFORE),
    ],
)
async def test_a_revocation_is_retried_whatever_goes_wrong(
    operation: str, fault: Fault, when: When
) -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.faults.order(operation, fault, when=when, times=3)

    await replica.pass_time(HOUR)
    at_the_end = (await replica.request()).state
    await replica.pass_time(MINUTE)

    assert at_the_end is RequestState.REVOKING
    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []
    assert (await replica.event_kinds())[-2:] == ["ended", "revoked"]


async def test_it_counts_as_revoked_only_after_the_read_back() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.lag = 20 * SECOND

    await replica.pass_time(HOUR)
    before = await replica.event_kinds()
    await replica.pass_time(MINUTE)

    assert "revoked" not in before
    assert (await replica.event_kinds())[-1] == "revoked"


async def test_azures_retry_after_is_honoured() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    throttled = Unavailable("Azure", "429", retry_after=timedelta(seconds=90))
    world.assignments.faults.order("delete", throttled)

    await replica.pass_time(HOUR + 89 * SECOND)
    attempts = world.assignments.calls.count("delete")
    await replica.pass_time(SECOND)

    assert attempts == 1
    assert world.assignments.calls.count("delete") == 2
    assert (await replica.request()).state is RequestState.REVOKED


async def test_an_overdue_revocation_becomes_stuck_once_is_listed_and_retried() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.faults.order("delete", FORBIDDEN, times=FOREVER)

    await replica.pass_time(HOUR + 4 * MINUTE)
    before = (await replica.request()).state, await replica.workflows.listed(RequestState.STUCK)
    await replica.pass_time(8 * HOUR)
    stuck = await replica.request()
    listed = await replica.workflows.listed(RequestState.STUCK)
    attempts = world.assignments.calls.count("delete")
    world.assignments.faults.clear()
    await replica.pass_time(5 * MINUTE)

    assert before == (RequestState.REVOKING, [])
    assert stuck.state is RequestState.STUCK
    assert listed == ["req-one"]
    assert attempts > 8 * 60 / 5
    assert (await replica.request()).state is RequestState.REVOKED
    assert await replica.workflows.listed(RequestState.STUCK) == []
    assert (await replica.event_kinds()).count("stuck") == 1
    assert "stuck" in world.message_sender.audited()
    assert world.assignments.all() == []


async def test_access_overdue_while_no_replica_ran_is_revoked_at_once() -> None:
    world = World()
    await Replica(world).give()

    world.clock.advance(days=2)
    replica = Replica(world)
    await replica.settle()

    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []


async def test_an_assignment_deleted_by_someone_else_is_reported_as_such() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()

    world.assignments.forget(ASSIGNMENT.scope, ASSIGNMENT.id)
    await replica.pass_time(HOUR)
    revoked = (await replica.events())[-1]

    assert revoked.facts == {"shared": False, "found": False}


async def test_two_grants_share_an_assignment_and_the_shorter_does_not_cut_the_longer() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=HOUR)
    world.clock.advance(minutes=30)
    await replica.give(request_id="req-two", secret=OTHER_SECRET, window=2 * HOUR)

    await replica.pass_time(HOUR)
    shorter, between = await replica.request(), world.assignments.names()
    shared = (await replica.events())[-1].facts
    await replica.pass_time(HOUR + 30 * MINUTE)
    longer = await replica.request("req-two")

    assert shorter.state is RequestState.REVOKED
    assert shared == {
        "shared": True,
        "found": True,
        "still_until": (NINE + 150 * MINUTE).isoformat(),
        "still_by": "req-two",
        "still_secrets": SECRET,
    }
    assert [ASSIGNMENT.id] == between
    assert longer.state is RequestState.REVOKED
    assert longer.granted.expires_at == NINE + 150 * MINUTE
    assert world.assignments.all() == []
    assert await world.leases() == []


async def test_a_grant_sharing_an_older_assignment_gets_its_whole_window() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=4 * HOUR)
    world.clock.advance(minutes=30)

    request = await replica.give(request_id="req-two", window=HOUR)

    assert request.granted.expires_at == NINE + 90 * MINUTE


async def test_a_grant_waits_while_an_earlier_one_is_being_revoked() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.faults.order("delete", DOWN, times=5)
    await replica.pass_time(HOUR)

    await replica.ask(request_id="req-two")
    await replica.approve(request_id="req-two")
    await replica.settle()
    waiting = await replica.request("req-two")
    await replica.pass_time(5 * MINUTE)

    assert waiting.state is RequestState.GRANTING
    assert (await replica.request()).state is RequestState.REVOKED
    assert (await replica.request("req-two")).state is RequestState.ACTIVE
    assert world.assignments.names() == [ASSIGNMENT.id]


async def test_a_refused_grant_leaves_a_shared_assignment_to_the_other_grant() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=4 * HOUR)
    world.assignments.faults.order("create", REJECTED)

    await replica.ask(request_id="req-two")
    await replica.approve(request_id="req-two")
    await replica.settle()

    assert (await replica.request("req-two")).state is RequestState.FAILED
    assert world.assignments.names() == [ASSIGNMENT.id]
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_two_people_have_two_assignments() -> None:
    world = World()
    replica = Replica(world)

    await replica.give(DANA, window=HOUR)
    await replica.give(EVE, "req-two", window=2 * HOUR)
    await replica.pass_time(HOUR)

    assert [facts.assignment.principal_id for facts in world.assignments.all()] == [EVE.object_id]


async def test_a_hanging_azure_call_ends_before_the_claim_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.assignments.hang()
    replica = await _approved(world)

    with monkeypatch.context() as impatient:
        impatient.setattr("services.workflow.engine.MOVE_TIMEOUT", timedelta(milliseconds=1))
        await replica.settle()
    request = await replica.request()
    world.assignments.go_on()
    await replica.pass_time(MINUTE)

    assert timedelta(seconds=15) == MOVE_TIMEOUT
    assert (request.state, request.attempt) == (RequestState.GRANTING, 1)
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_an_error_of_our_own_delays_a_revocation_but_does_not_stop_it() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.faults.order("delete", KeyError("a bug"))

    await replica.pass_time(HOUR + MINUTE)

    assert (await replica.request()).state is RequestState.REVOKED


async def test_a_late_grant_still_needs_all_its_approvals() -> None:
    world = World(rules=policies(min_approvals=2))
    replica = Replica(world)
    await replica.ask()
    await replica.approve(ADA)

    await replica.pass_time(7 * HOUR)

    assert world.assignments.calls == []
