"""How access is given and taken away in an Azure that does not always play along."""

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
from tests.support.crashing_table import When
from tests.support.replica import Replica, World

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
    """Let Azure make what it is asked for, and say so to nobody."""
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


async def test_access_is_given_only_after_the_lease_is_written() -> None:
    world = World()
    world.assignments.faults.order("create", DOWN)
    replica = await _approved(world)

    await replica.tick()

    assert world.assignments.all() == []
    assert await world.leases() == [ASSIGNMENT.id]


@pytest.mark.parametrize("operation", ["create", "read"])
@pytest.mark.parametrize("when", list(When))
async def test_a_grant_is_tried_again_until_it_is_read_back(operation: str, when: When) -> None:
    world = World()
    world.assignments.faults.order(operation, DOWN, when=when, times=3)
    replica = await _approved(world)

    await replica.settle()
    first = (await replica.request()).state
    await replica.pass_time(MINUTE)
    request = await replica.request()

    assert RequestState.GRANTING is first
    assert RequestState.ACTIVE is request.state
    assert world.assignments.names() == [ASSIGNMENT.id]
    assert (await replica.event_kinds()).count("granted") == 1


async def test_an_assignment_that_shows_late_is_granted_when_it_shows() -> None:
    world = World()
    world.assignments.lag = 20 * SECOND
    replica = await _approved(world)

    await replica.settle()
    before = await replica.event_kinds()
    await replica.pass_time(MINUTE)

    assert "granted" not in before
    assert RequestState.ACTIVE is (await replica.request()).state


async def test_the_window_is_counted_from_the_assignment_not_from_its_discovery() -> None:
    world = World()
    world.assignments.faults.order("create", DOWN, when=When.AFTER)
    replica = await _approved(world)
    await replica.settle()

    world.clock.advance(minutes=3)
    await replica.settle()

    assert (await replica.request()).granted.expires_at == TEN


async def test_access_that_someone_else_gave_is_refused_and_left_as_it_is() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, STANDING, "by hand")
    replica = await _approved(world)

    await replica.settle()
    await replica.pass_time(2 * HOUR)
    request = await replica.request()

    assert RequestState.FAILED is request.state
    assert "exists already" in str(request.failure)
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

    assert RequestState.ACTIVE is request.state


async def test_what_azure_will_never_do_is_given_up_at_once() -> None:
    world = World()
    world.assignments.faults.order("create", REJECTED, times=FOREVER)
    replica = await _approved(world)

    await replica.settle()
    request = await replica.request()

    assert RequestState.FAILED is request.state
    assert "Azure refused" in str(request.failure)
    assert await replica.event_kinds() == ["requested", "approved", "gave up", "failed"]
    assert await world.leases() == []


async def test_another_triple_under_our_id_is_not_taken_for_what_was_asked_for() -> None:
    world = World()
    another = Assignment(ASSIGNMENT.scope, EVE.object_id, ROLE)
    world.assignments.plant(another, ASSIGNMENT.id, "by hand")
    replica = await _approved(world)

    await replica.settle()

    assert "granted" not in await replica.event_kinds()


async def test_a_bot_without_the_right_to_assign_ends_although_it_may_not_delete_either() -> None:
    world = World()
    for operation in ("create", "delete"):
        world.assignments.faults.order(operation, FORBIDDEN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE + SHOWN_AFTER + MINUTE)

    assert RequestState.FAILED is (await replica.request()).state
    assert "stuck" not in await replica.event_kinds()
    assert await world.queued() == []


async def test_what_the_bot_may_not_delete_is_not_taken_for_gone_while_it_shows_late() -> None:
    world = World()
    world.assignments.lag = 30 * SECOND
    world.assignments.faults.order("read", REJECTED)
    world.assignments.faults.order("delete", FORBIDDEN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(HOUR)
    meanwhile = (await replica.request()).state
    world.assignments.faults.clear()
    await replica.pass_time(HOUR)

    assert RequestState.STUCK is meanwhile
    assert RequestState.FAILED is (await replica.request()).state
    assert world.assignments.all() == []


async def test_a_grant_that_azure_does_not_make_is_given_up_after_ten_minutes() -> None:
    world = World()
    world.assignments.faults.order("create", DOWN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE - SECOND)
    before = (await replica.request()).state
    await replica.pass_time(SECOND)
    request = await replica.request()

    assert before is RequestState.GRANTING
    assert request.state is RequestState.FAILED
    assert request.failure == "Azure did not make the role assignment within 10 minutes."
    assert world.message_sender.told(DANA.object_id) == ["failed"]
    assert await world.leases() == []


async def test_giving_up_removes_what_an_attempt_left_whose_answer_was_lost() -> None:
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


async def test_what_is_left_after_giving_up_is_removed_however_long_it_takes() -> None:
    world = World()
    _lose_all_answers(world)
    world.assignments.faults.order("delete", DOWN, times=FOREVER)
    replica = await _approved(world)

    await replica.pass_time(GRANT_PATIENCE + 4 * MINUTE)
    before = (await replica.request()).state
    await replica.pass_time(HOUR)
    world.assignments.faults.clear()
    await replica.pass_time(3 * HOUR)

    assert RequestState.REVOKING is before
    assert RequestState.FAILED is (await replica.request()).state
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
async def test_a_revocation_is_tried_again_whatever_goes_wrong(
    operation: str, fault: Fault, when: When
) -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.faults.order(operation, fault, when=when, times=3)

    await replica.pass_time(HOUR)
    at_the_end = (await replica.request()).state
    await replica.pass_time(MINUTE)

    assert RequestState.REVOKING is at_the_end
    assert RequestState.REVOKED is (await replica.request()).state
    assert world.assignments.all() == []
    assert (await replica.event_kinds())[-2:] == ["ended", "revoked"]


async def test_it_is_said_to_be_revoked_only_when_the_read_back_says_so() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.lag = 20 * SECOND

    await replica.pass_time(HOUR)
    before = await replica.event_kinds()
    await replica.pass_time(MINUTE)

    assert "revoked" not in before
    assert (await replica.event_kinds())[-1] == "revoked"


async def test_a_wait_that_azure_asks_for_is_honoured() -> None:
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
    assert RequestState.REVOKED is (await replica.request()).state


async def test_an_overdue_revocation_is_stuck_once_listed_and_goes_on() -> None:
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
    assert RequestState.STUCK is stuck.state
    assert listed == ["req-one"]
    assert attempts > 8 * 60 / 5
    assert RequestState.REVOKED is (await replica.request()).state
    assert await replica.workflows.listed(RequestState.STUCK) == []
    assert (await replica.event_kinds()).count("stuck") == 1
    assert "stuck" in world.message_sender.audited()
    assert world.assignments.all() == []


async def test_what_was_overdue_while_no_replica_ran_is_taken_away_at_once() -> None:
    world = World()
    await Replica(world).give()

    world.clock.advance(days=2)
    replica = Replica(world)
    await replica.settle()

    assert RequestState.REVOKED is (await replica.request()).state
    assert world.assignments.all() == []


async def test_an_assignment_that_somebody_deleted_is_told_as_it_was() -> None:
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

    assert RequestState.REVOKED is shorter.state
    assert shared == {
        "shared": True,
        "found": True,
        "still_until": (NINE + 150 * MINUTE).isoformat(),
        "still_by": "req-two",
        "still_secrets": SECRET,
    }
    assert [ASSIGNMENT.id] == between
    assert RequestState.REVOKED is longer.state
    assert longer.granted.expires_at == NINE + 150 * MINUTE
    assert world.assignments.all() == []
    assert await world.leases() == []


async def test_a_grant_that_shares_an_older_assignment_gets_its_whole_window() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=4 * HOUR)
    world.clock.advance(minutes=30)

    request = await replica.give(request_id="req-two", window=HOUR)

    assert request.granted.expires_at == NINE + 90 * MINUTE


async def test_a_grant_that_begins_while_the_last_one_is_taken_away_waits_for_it() -> None:
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

    assert RequestState.GRANTING is waiting.state
    assert RequestState.REVOKED is (await replica.request()).state
    assert RequestState.ACTIVE is (await replica.request("req-two")).state
    assert world.assignments.names() == [ASSIGNMENT.id]


async def test_a_denied_grant_leaves_a_shared_assignment_to_its_other_holder() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=4 * HOUR)
    world.assignments.faults.order("create", REJECTED)

    await replica.ask(request_id="req-two")
    await replica.approve(request_id="req-two")
    await replica.settle()

    assert RequestState.FAILED is (await replica.request("req-two")).state
    assert world.assignments.names() == [ASSIGNMENT.id]
    assert RequestState.ACTIVE is (await replica.request()).state


async def test_two_people_hold_two_assignments() -> None:
    world = World()
    replica = Replica(world)

    await replica.give(DANA, window=HOUR)
    await replica.give(EVE, "req-two", window=2 * HOUR)
    await replica.pass_time(HOUR)

    assert [EVE.object_id] == [facts.assignment.principal_id for facts in world.assignments.all()]


async def test_an_azure_that_hangs_is_given_up_on_before_the_claim_runs_out(
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
    assert RequestState.ACTIVE is (await replica.request()).state


async def test_a_fault_of_our_own_delays_a_revocation_and_does_not_stop_it() -> None:
    world = World()
    replica = await _approved(world)
    await replica.settle()
    world.assignments.faults.order("delete", KeyError("a bug"))

    await replica.pass_time(HOUR + MINUTE)

    assert RequestState.REVOKED is (await replica.request()).state


async def test_a_grant_needs_as_many_approvals_when_it_is_carried_out_late() -> None:
    world = World(rules=policies(min_approvals=2))
    replica = Replica(world)
    await replica.ask()
    await replica.approve(ADA)

    await replica.pass_time(7 * HOUR)

    assert world.assignments.calls == []
