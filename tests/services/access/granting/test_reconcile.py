"""Azure and the leases are reconciled, whichever of them is wrong."""

from dataclasses import replace

import pytest

from domain.access.assignment import Assignment
from domain.access.request import RequestState
from domain.reconciliation.orphan import Orphan, OrphanState, find
from domain.reconciliation.reconciliation import SETTLED_AFTER
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE
from services.access.granting.reconcile import RECONCILIATION
from services.faults import NotPermitted, Unavailable
from services.workflow.engine import MOVE_TIMEOUT
from tests.support.builders import ASSIGNMENT, DANA, EVE, HOUR, MINUTE, ROLE, SECOND, SECRET, VAULT
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable

DESCRIPTION = "Latchkey req-lost234567: access to demo-api-key, expires 2026-03-02T11:00:00Z"
SOMEBODY_ELSES = "0f0f0f0f-0000-4000-8000-000000000000"


def _plant_orphan(world: World, assignment: Assignment = ASSIGNMENT) -> None:
    """Create an assignment of ours that no row knows, old enough to be judged."""
    world.assignments.plant(assignment, assignment.id, DESCRIPTION)
    world.clock.advance(SETTLED_AFTER)


async def _reconciled(world: World) -> Replica:
    """Start Latchkey, and let everything it starts finish."""
    replica = Replica(world)
    await replica.reconcile.begin()
    await replica.settle()
    return replica


def _orphan_events(world: World) -> list[str]:
    return [
        str(sent.announcement.event.kind)
        for sent in world.message_sender.posts
        if sent.head.id.startswith("orp-") and sent.announcement.event
    ]


async def test_an_assignment_of_ours_without_a_lease_is_removed_and_announced() -> None:
    world = World()
    _plant_orphan(world)

    await _reconciled(world)

    assert world.assignments.names() == []
    assert _orphan_events(world) == ["revoked"]
    [told] = world.message_sender.posts
    assert isinstance(told.head, Orphan)
    assert told.head.description == DESCRIPTION
    assert await world.leases() == []


async def test_after_losing_the_tables_grants_are_found_by_their_description() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(DANA, "req-one")
    await replica.give(EVE, "req-two", window=2 * HOUR)
    world.clock.advance(SETTLED_AFTER)

    lost = World(MemoryTable())
    lost.clock, lost.assignments = world.clock, world.assignments
    await _reconciled(lost)

    assert lost.assignments.names() == []
    assert _orphan_events(lost) == ["revoked", "revoked"]


async def test_assignments_by_others_are_never_touched() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, SOMEBODY_ELSES, DESCRIPTION)
    by_eve = Assignment(VAULT.resource_id, EVE.object_id, ROLE)
    world.assignments.plant(by_eve, by_eve.id, "given by hand")
    world.clock.advance(SETTLED_AFTER)

    await _reconciled(world)

    assert world.assignments.names() == [SOMEBODY_ELSES, by_eve.id]
    assert "delete" not in world.assignments.calls
    assert world.message_sender.posts == []


async def test_an_orphan_on_a_single_secret_is_found_with_its_vault() -> None:
    world = World()
    _plant_orphan(world, replace(ASSIGNMENT, scope=VAULT.secret_scope(SECRET)))

    await _reconciled(world)

    assert world.assignments.names() == []


async def test_a_new_assignment_is_left_alone_until_it_is_old_enough() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, ASSIGNMENT.id, DESCRIPTION)

    replica = await _reconciled(world)
    young = world.assignments.names()
    await replica.pass_time(SETTLED_AFTER)

    assert [ASSIGNMENT.id] == young
    assert world.assignments.names() == []


async def test_access_with_a_lease_stays_until_its_end() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=2 * HOUR)
    world.clock.advance(SETTLED_AFTER)

    await _reconciled(world)

    assert world.assignments.names() == [ASSIGNMENT.id]
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_a_grant_in_progress_is_left_alone() -> None:
    world = World()
    replica = Replica(world)
    lost = Unavailable("Azure", "504")
    world.assignments.faults.order("create", lost, when=When.AFTER, times=1)
    await replica.ask()
    await replica.approve()
    await replica.worker.idle()
    made = world.assignments.names()
    world.clock.advance(SETTLED_AFTER / 2)

    replica = Replica(world)
    await replica.reconcile.begin()
    await replica.worker.idle()

    assert [ASSIGNMENT.id] == made == world.assignments.names()


async def test_an_orphan_taken_over_by_a_grant_is_spared() -> None:
    world = World()
    _plant_orphan(world)
    replica = Replica(world)
    orphan = Orphan(
        id="orp-one",
        state=OrphanState.REVOKING,
        assignment=ASSIGNMENT,
        description=DESCRIPTION,
        created_at=None,
        found_at=world.clock(),
    )
    await replica.engine.open(find(orphan))
    await replica.leases.acquire(ASSIGNMENT, "req-one")
    spared = await replica.engine.advance("orp-one")
    await replica.settle()

    assert spared is not None
    assert spared.head.state is OrphanState.SPARED
    assert world.assignments.names() == [ASSIGNMENT.id]
    assert _orphan_events(world) == []


async def test_a_grant_waits_until_an_orphan_is_removed() -> None:
    world = World()
    _plant_orphan(world)
    world.assignments.faults.order("delete", Unavailable("Azure", "503"))
    replica = Replica(world)
    await replica.reconcile.begin()
    await replica.worker.idle()
    await replica.ask()
    await replica.approve()
    await replica.pass_time(3 * MINUTE)
    [facts] = world.assignments.all()

    assert facts.description.startswith("Latchkey req-one:")
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_of_two_replicas_starting_together_one_removes_and_announces() -> None:
    world = World()
    _plant_orphan(world)
    one, other = Replica(world), Replica(world)

    await one.reconcile.begin()
    await other.reconcile.begin()
    await one.settle()
    await other.settle()

    assert world.assignments.calls.count("delete") == 1
    assert _orphan_events(world) == ["revoked"]


async def test_an_orphan_is_not_called_removed_while_a_read_may_not_show_it_yet() -> None:
    world = World()
    world.assignments.lag = 30 * SECOND
    world.assignments.plant(ASSIGNMENT, ASSIGNMENT.id, DESCRIPTION)
    world.assignments.deletions_to_lose = 2
    replica = Replica(world)

    await replica.access_moves._take_away(world.assignments.all()[0])
    await replica.settle()
    left, before = world.assignments.names(), _orphan_events(world)
    await replica.pass_time(2 * MINUTE)

    assert left == [ASSIGNMENT.id]
    assert before == []
    assert _orphan_events(world) == ["revoked"]
    assert world.assignments.names() == []


async def test_the_late_deletion_of_an_orphan_that_another_deletion_removed_hits_no_grant() -> None:
    world = World()
    _plant_orphan(world)
    world.assignments.lag = 3 * SECOND
    world.assignments.carry_out_late("delete", 70 * SECOND)
    replica = await _reconciled(world)
    await replica.pass_time(20 * SECOND)
    removed = _orphan_events(world)
    await replica.ask()
    await replica.approve()

    await replica.pass_time(RESOURCE_MANAGER_LIFE + 2 * MINUTE)

    assert removed == ["revoked"]
    assert (await replica.request()).state is RequestState.ACTIVE
    assert world.assignments.names() == [ASSIGNMENT.id]


async def test_an_orphan_whose_removal_shows_late_is_not_called_gone_before() -> None:
    world = World()
    _plant_orphan(world)
    world.assignments.lag = 3 * SECOND

    replica = await _reconciled(world)
    await replica.pass_time(20 * SECOND)

    [sent] = world.message_sender.posts
    assert sent.announcement.event
    assert sent.announcement.event.facts == {"found": True}


async def test_reconciliation_runs_every_hour() -> None:
    world = World()
    replica = await _reconciled(world)
    _plant_orphan(world)
    await replica.pass_time(HOUR)

    assert world.assignments.names() == []


async def test_a_start_reconciles_at_once_even_right_after_the_last_round() -> None:
    world = World()
    await _reconciled(world)
    _plant_orphan(world)

    await _reconciled(world)

    assert world.assignments.names() == []


async def test_an_orphan_that_cannot_be_removed_is_announced_listed_and_retried_forever() -> None:
    world = World()
    _plant_orphan(world)
    refused = NotPermitted("Azure", "403 AuthorizationFailed")
    world.assignments.faults.order("delete", refused, times=1_000)
    found_at = world.clock()
    replica = await _reconciled(world)
    await replica.pass_time(10 * MINUTE)
    [stuck] = await replica.workflows.listed(OrphanState.STUCK)
    world.assignments.faults.clear()
    await replica.pass_time(10 * MINUTE)

    assert stuck.startswith("orp-")
    assert _orphan_events(world) == ["stuck", "revoked"]
    end = world.message_sender.posts[-1].announcement.event
    assert end is not None
    assert end.facts["stuck_for"] == (end.at - found_at).total_seconds()
    assert await replica.workflows.listed(OrphanState.STUCK) == []
    assert world.assignments.names() == []


async def test_a_scope_that_cannot_be_checked_is_remembered_and_checked_sooner() -> None:
    world = World()
    _plant_orphan(world)
    world.assignments.faults.order("list", Unavailable("Azure", "503 ServiceUnavailable"))
    replica = await _reconciled(world)
    first = await replica.reconcile.find()
    await replica.pass_time(10 * MINUTE)
    second = await replica.reconcile.find()

    assert first is not None
    assert [(VAULT.resource_id, "503 ServiceUnavailable")] == [
        (one.scope, one.cause) for one in first.unseen
    ]
    assert second is not None
    assert second.unseen == ()
    assert world.assignments.names() == []


async def test_a_request_whose_assignment_was_removed_ends_as_out_of_band() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=2 * HOUR)
    world.assignments.forget(VAULT.resource_id, ASSIGNMENT.id)
    world.clock.advance(SETTLED_AFTER)

    await _reconciled(world)

    assert (await replica.request()).state is RequestState.REVOKED
    assert (await replica.event_kinds())[-2:] == ["vanished", "revoked"]
    assert (await replica.events())[-1].facts["out_of_band"] is True
    assert world.message_sender.audited()[-2:] == ["vanished", "revoked"]
    assert world.message_sender.sent_to(DANA.object_id)[-1] == "revoked"
    assert await world.leases() == []


async def test_all_requests_sharing_a_removed_assignment_end() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(request_id="req-one", window=2 * HOUR)
    await replica.give(request_id="req-two", window=3 * HOUR)
    world.assignments.forget(VAULT.resource_id, ASSIGNMENT.id)
    world.clock.advance(SETTLED_AFTER)

    await _reconciled(world)

    for request_id in ("req-one", "req-two"):
        events = await replica.events(request_id)
        assert (await replica.request(request_id)).state is RequestState.REVOKED
        assert events[-1].facts == {"shared": False, "found": False, "out_of_band": True}
    assert await world.leases() == []


async def test_a_lagging_list_ends_nothing() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=2 * HOUR)
    world.clock.advance(SETTLED_AFTER)
    world.assignments.hide_from_lists(ASSIGNMENT)

    await _reconciled(world)

    assert (await replica.request()).state is RequestState.ACTIVE


async def test_access_that_has_just_begun_is_not_judged() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=2 * HOUR)
    world.assignments.forget(VAULT.resource_id, ASSIGNMENT.id)
    await _reconciled(world)

    assert (await replica.request()).state is RequestState.ACTIVE


@pytest.mark.parametrize("when", list(When))
async def test_wherever_the_process_crashes_the_orphan_is_removed_and_announced_once(
    when: When,
) -> None:
    whole = Crash()
    await _live(World(), whole)

    assert whole.points > 8
    for point in range(1, whole.points + 1):
        world = World()
        await _live(world, Crash(point, when))
        assert world.assignments.names() == [], f"died {when.name} point {point}"
        assert await world.leases() == []
        assert "revoked" in _orphan_events(world)
        assert RECONCILIATION in (await world.queued())[0]


async def _live(world: World, crash: Crash) -> None:
    """Start, crash, and start again."""
    _plant_orphan(world)
    try:
        replica = Replica(world, crash)
        await replica.reconcile.begin()
        await replica.settle()
    except Killed:
        pass
    replica = await _reconciled(world)
    await replica.pass_time(2 * MOVE_TIMEOUT + RESOURCE_MANAGER_LIFE)
