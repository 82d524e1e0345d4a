"""Drills: given, read back, taken away, read back; one at a time, and never given up."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.assignment import is_described_as_ours
from domain.access.request import NO_ROOM, OVERDUE_AFTER, AccessEffect
from domain.access.rules.policy import ScopeKind
from domain.audit.figures import Figures
from domain.audit.history import Filter
from domain.audit.report import Drilled
from domain.audit.spread import spread_of
from domain.drill.drill import Drill
from domain.people import Actor
from domain.refusals.drills import DrillUnderWay, NoDrillConfigured
from domain.refusals.people import NotAnAdmin
from services.drill.canary import Canary
from services.drill.moves import DrillMoves
from services.faults import LimitReached, NotPermitted, Rejected
from services.storage import keys
from services.workflow.event_kinds import EVENTS
from services.workflow.lanes import Lane
from services.workflow.lists import history_rows
from tests.cards.drill_scenarios import DRILLS, EXPIRES, LATE
from tests.services.audit.counted import COUNTED, DAY, TODAY, Counted
from tests.services.retention.test_retention import REMOVED, Kept
from tests.support.builders import ADA, CY, DANA, HOUR, VAULT
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When

pytestmark = pytest.mark.usefixtures("few_shards")

CANARY = Canary("canary", "55555555-0000-4000-8000-000000000001")
SCOPE = VAULT.secret_scope("canary")
MINUTE = timedelta(minutes=1)
REFUSED = NotPermitted("Azure", "AuthorizationFailed", status=403)
FULL = LimitReached("Azure", "full", status=400, code=NO_ROOM)


@pytest.fixture
def world() -> World:
    return a_world()


def a_world(cron: str = "") -> World:
    world = World()
    world.canary, world.drill_cron = CANARY, cron
    return world


async def an_hourly(world: World | None = None) -> Replica:
    """Start a replica with a drill at each full hour."""
    world = world or a_world("0 * * * *")
    replica = Replica(world)
    await replica.drills.sync()
    return replica


async def drilled(replica: Replica, drill_id: str = "drl-one") -> Drill:
    """Let an admin begin a drill, and wait until it is over."""
    await replica.drills.start(CY, drill_id)
    await replica.pass_time(2 * MINUTE)
    return await the_drill(replica, drill_id)


async def the_drill(replica: Replica, drill_id: str = "drl-one") -> Drill:
    found = await replica.drills.find(drill_id)
    assert found is not None
    return found


async def all_of(replica: Replica) -> list[Drill]:
    """Return the drills, oldest first."""
    prefix = history_rows.prefix_of(Filter())
    found = [await replica.world.table.range(shard, prefix, f"{prefix}~") for shard in keys.SHARDS]
    positions = sorted(history_rows.position_of(row, prefix) for rows in found for row in rows)
    return [await the_drill(replica, history_rows.workflow_of(at)) for at in reversed(positions)]


async def test_a_drill_is_given_and_taken_away_by_the_steps_of_any_access(world: World) -> None:
    replica = Replica(world)

    drill = await drilled(replica)

    assert (drill.failure, drill.given_after, drill.lateness) == (None, timedelta(), timedelta())
    assert [kind for kind in world.assignments.calls if kind != "list"] == [
        *("create", "read"),
        *("delete", "read"),
    ]
    assert await replica.event_kinds("drl-one") == [
        "drill_begun",
        "granted",
        "ended",
        "revoked",
        "drill_succeeded",
    ]
    assert (world.assignments.names(), await world.leases(), await world.queued()) == ([], [], [])


async def test_it_opens_one_secret_even_where_grants_open_the_vault(world: World) -> None:
    assert world.policies.defaults.scope_kind is ScopeKind.VAULT
    replica = Replica(world)

    drill = await replica.drills.start(CY, "drl-one")

    assert [(one.scope, one.principal_id) for one in drill.access.assignments] == [
        (SCOPE, CANARY.principal_id)
    ]


@pytest.mark.parametrize("person", [DANA, ADA])
async def test_nobody_but_admins_can_drill(world: World, person: Actor) -> None:
    replica = Replica(world)

    with pytest.raises(NotAnAdmin):
        await replica.drills.plan(person, "drl-one")
    with pytest.raises(NotAnAdmin):
        await replica.drills.start(person, "drl-one")
    assert world.assignments.calls == []


async def test_without_a_canary_there_is_no_drill() -> None:
    replica = Replica(World())

    with pytest.raises(NoDrillConfigured):
        await replica.drills.start(CY, "drl-one")


async def test_the_same_message_twice_begins_one_and_another_one_waits(world: World) -> None:
    replica = Replica(world)
    await replica.drills.start(CY, "drl-one")

    again = await replica.drills.start(CY, "drl-one")

    assert again.id == "drl-one"
    with pytest.raises(DrillUnderWay):
        await replica.drills.start(CY, "drl-two")
    assert await replica.drills.find("drl-two") is None
    await replica.pass_time(2 * MINUTE)
    assert (await drilled(replica, "drl-two")).failure is None


async def test_a_drill_cancelled_after_a_crash_between_intent_and_begin_never_begins(
    world: World,
) -> None:
    whole = Crash()
    await Replica(world, whole).drills.start(CY, "drl-two")
    outcomes = [await _cancelled_after(point) for point in range(1, whole.points + 1)]

    assert (True, None) in outcomes
    for is_cancelled, drill in outcomes:
        assert is_cancelled == (drill is None)


async def _cancelled_after(point: int) -> tuple[bool, Drill | None]:
    """Cancel a drill whose replica died at this point; return whether it was, and what there is."""
    world = a_world()
    with suppress(Killed):
        await Replica(world, Crash(point, When.AFTER)).drills.start(CY, "drl-two")
    replica = Replica(world)
    is_cancelled = await replica.drills.cancel(CY, "drl-two")
    await replica.pass_time(2 * MINUTE)
    last = await replica.drills.last()
    found = await replica.drills.find("drl-two")
    assert last == found
    return is_cancelled, found


async def test_a_grant_that_azure_refuses_fails_the_drill_and_leaves_nothing(world: World) -> None:
    world.assignments.faults.order("create", Rejected("Azure", "no", status=400))
    replica = Replica(world)

    drill = await drilled(replica)

    assert (str(drill.state), drill.given_at) == ("failed", None)
    assert drill.failure
    assert drill.failure.code == "assignment_refused"
    assert world.message_sender.audited() == ["drill_begun", "drill_failed"]
    assert (world.assignments.names(), await world.leases(), await world.queued()) == ([], [], [])


async def test_a_canary_that_cannot_be_taken_away_is_stuck_and_never_given_up(
    world: World,
) -> None:
    replica = Replica(world)
    await replica.drills.start(CY, "drl-one")
    await replica.settle()
    world.assignments.faults.order("delete", REFUSED, times=1_000)

    await replica.pass_time(20 * MINUTE)
    stuck = await the_drill(replica)
    listed = await replica.stuck.list()
    with pytest.raises(DrillUnderWay):
        await replica.drills.start(CY, "drl-two")
    world.assignments.faults.clear()
    await replica.overdue.try_now(CY, "drl-one")
    await replica.settle()

    assert str(stuck.state) == "stuck"
    assert [one.id for one in listed.shown] == ["drl-one"]
    drill = await the_drill(replica)
    assert drill.failure
    assert (str(drill.state), drill.failure.code) == ("failed", "drill_late")
    assert drill.lateness == 19 * MINUTE
    assert world.message_sender.audited() == ["drill_begun", "stuck", "retried", "drill_failed"]
    assert (world.assignments.names(), await world.leases(), await world.queued()) == ([], [], [])


async def test_an_admin_can_close_one_that_can_never_be_taken_away(world: World) -> None:
    replica = Replica(world)
    await replica.drills.start(CY, "drl-one")
    await replica.settle()
    world.assignments.faults.order("delete", REFUSED, times=1_000)
    await replica.pass_time(3 * MINUTE)

    await replica.overdue.close(CY, "drl-one", "the vault is gone")
    await replica.settle()

    drill = await the_drill(replica)
    assert drill.failure
    assert (str(drill.state), drill.failure.code) == ("closed", "drill_closed")
    world.assignments.faults.clear()
    await replica.reconcile.begin()
    await replica.pass_time(2 * HOUR)
    assert await world.leases() == []


async def test_whatever_becomes_of_one_its_events_are_counted_from_the_start(world: World) -> None:
    world.secrets.put(VAULT, CANARY.secret)
    replica = Replica(world)
    faults = world.assignments.faults
    faults.order("create", FULL, times=1_000)
    await replica.drills.start(CY, "drl-one")
    await replica.pass_time(5 * HOUR)
    faults.clear()
    faults.order("create", REFUSED)
    await replica.drills.start(CY, "drl-two")
    await replica.pass_time(MINUTE)
    faults.order("delete", REFUSED, times=1_000)
    await replica.pass_time(20 * MINUTE)
    await replica.overdue.try_now(CY, "drl-two")
    await replica.overdue.close(CY, "drl-two", "the vault is gone")

    events = [event for each in ("drl-one", "drl-two") for event in await replica.event_kinds(each)]
    assert {"not_permitted_yet", "stuck", "retried", "closed", "no_room_yet"} <= set(events)
    assert set(events) - set(EVENTS["drill"]) == set()


async def test_one_that_somebody_else_takes_away_fails(world: World) -> None:
    replica = Replica(world)
    drill = await replica.drills.start(CY, "drl-one")
    await replica.settle()
    await world.assignments.delete(drill.access.assignments[0])

    await replica.pass_time(2 * MINUTE)

    drill = await the_drill(replica)
    assert drill.failure
    assert (drill.failure.code, drill.lateness) == ("drill_gone_before", None)


async def test_one_whose_assignment_somebody_else_uses_fails(world: World) -> None:
    replica = Replica(world)
    drill = await replica.drills.start(CY, "drl-one")
    await replica.settle()
    [assignment] = drill.access.assignments
    await replica.leases.acquire(assignment, "req-other")

    await replica.pass_time(2 * MINUTE)

    drill = await the_drill(replica)
    assert drill.failure
    assert (drill.failure.code, drill.lateness) == ("drill_shared", None)
    assert await world.assignments.read(assignment)


@pytest.mark.parametrize("when", list(When))
async def test_wherever_the_process_dies_the_drill_is_ended_in_time(when: When) -> None:
    whole = Crash()
    await _lived(whole, a_world("1 * * * *"))
    assert whole.points > 10

    for point in range(1, whole.points + 1):
        world = a_world("1 * * * *")
        await _lived(Crash(point, when), world)
        [drill] = await all_of(Replica(world))
        assert drill.failure is None, f"died {when.name} point {point}"
        assert (drill.lateness or timedelta()) < 2 * MINUTE, f"died {when.name} point {point}"
        assert (world.assignments.names(), await world.leases()) == ([], [])


async def _lived(crash: Crash, world: World) -> None:
    """Live through a drill; a process that dies is followed by another one at once."""
    try:
        await _live(Replica(world, crash))
    except Killed:
        await _live(Replica(world))


async def _live(replica: Replica) -> None:
    await replica.drills.sync()
    await replica.pass_time(NINE + 6 * MINUTE - replica.clock())


async def test_two_replicas_begin_one_drill_an_hour() -> None:
    world = a_world("0 * * * *")
    one, other = await an_hourly(world), await an_hourly(world)
    world.clock.advance(hours=1)

    await one.tick()
    await other.tick()
    await one.pass_time(2 * MINUTE)

    assert len(await all_of(one)) == 1


async def test_what_was_missed_happens_once_and_a_restart_begins_none() -> None:
    world = a_world("0 * * * *")
    await an_hourly(world)
    world.clock.advance(hours=5, minutes=30)

    restarted = await an_hourly(world)
    await restarted.pass_time(20 * MINUTE)
    again = await an_hourly(world)
    await again.pass_time(5 * MINUTE)

    [drill] = await all_of(again)
    assert drill.begun_at == NINE + timedelta(hours=5, minutes=30)
    await again.pass_time(10 * MINUTE)
    assert len(await all_of(again)) == 2


async def test_without_its_schedule_no_drill_is_due_any_more() -> None:
    world = a_world("0 * * * *")
    await an_hourly(world)
    world.drill_cron = ""

    replica = await an_hourly(world)
    await replica.pass_time(3 * HOUR)

    assert await all_of(replica) == []
    assert await replica.drills.last_proof() is None


async def test_only_failures_and_the_first_success_after_one_are_announced() -> None:
    replica = await an_hourly()
    sender = replica.world.message_sender
    await replica.pass_time(1.5 * HOUR)
    after_success = sender.audited()
    replica.world.assignments.faults.order("create", Rejected("Azure", "no", status=400))
    await replica.pass_time(HOUR)
    after_failure = sender.audited()
    await replica.pass_time(2 * HOUR)

    assert after_success == []
    assert after_failure == ["drill_failed"]
    assert sender.audited() == ["drill_failed", "drill_succeeded"]
    assert [str(one.state) for one in await all_of(replica)] == [
        "succeeded",
        "failed",
        "succeeded",
        "succeeded",
    ]


async def test_the_last_proof_is_the_last_success_or_when_the_schedule_began() -> None:
    replica = await an_hourly()
    begun = await replica.drills.last_proof()
    await replica.pass_time(1.5 * HOUR)
    first = await replica.drills.last_proof()
    replica.world.assignments.faults.order("create", REFUSED, times=1_000)
    await replica.pass_time(3 * HOUR)

    assert begun == NINE
    assert first == NINE + HOUR + MINUTE
    assert await replica.drills.last_proof() == first


async def test_drills_are_counted_by_themselves_and_kept_by_day(world: World) -> None:
    replica = Replica(world)
    drill = await drilled(replica)
    late = replace(drill, access=replace(drill.access, gone_at=NINE + 2 * MINUTE))

    figures = Figures()
    for one in (drill, late):
        figures.count(one, await replica.events("drl-one"), NINE + HOUR)

    assert figures.drills == {"succeeded": 2}
    assert figures.drills_late == {timedelta(): 1, MINUTE: 1}
    assert (figures.requests, figures.late, figures.made, figures.requesters) == ({}, {}, {}, {})


async def test_reconciling_knows_what_a_drill_made(world: World) -> None:
    replica = Replica(world)
    drill = await replica.drills.start(CY, "drl-one")
    await replica.settle()

    facts = await world.assignments.read(drill.access.assignments[0])

    assert facts
    assert is_described_as_ours(facts.description)


async def test_reports_count_the_drills_of_every_day_apart_from_peoples_access() -> None:
    one = Counted(a_world("0 10 * * *"))
    await one.begin()
    await one.replica.drills.sync()
    await one.replica.give(DANA)
    await one.until(COUNTED + 1.5 * HOUR)

    report = await one.report()

    assert (await one.head()).next_day == TODAY + DAY
    assert report.drilled == Drilled(1, 1, spread_of({timedelta(): 1}))
    assert report.requests == (("revoked", 1),)
    assert report.lateness == spread_of({timedelta(): 1})
    assert [person.object_id for person, _ in report.requesters] == [DANA.object_id]
    assert await one.counted() == await one.walked()
    assert (await one.counted(secret="canary")).drills == {"succeeded": 1}


async def test_drills_that_ended_long_ago_are_archived_like_everything_else() -> None:
    one = Kept(a_world("0 10 * * *"))
    await one.begin()
    await one.replica.drills.sync()
    await one.until(REMOVED)

    archived = one.archived()

    assert [each["kind"] for each in archived] == ["drill"]
    assert await one.replica.workflows.load(archived[0]["workflow"]) is None
    assert (await one.figures()).drills.total() > 1


async def test_while_one_is_stuck_the_schedule_begins_no_other() -> None:
    replica = await an_hourly()
    replica.world.assignments.faults.order("delete", REFUSED, times=1_000)
    await replica.pass_time(3.5 * HOUR)
    stuck = await all_of(replica)
    replica.world.assignments.faults.clear()
    await replica.pass_time(HOUR)

    assert [str(one.state) for one in stuck] == ["stuck"]
    assert [str(one.state) for one in await all_of(replica)] == ["failed", "succeeded"]


def test_a_drill_has_the_lanes_ends_and_alarms_of_any_access(world: World) -> None:
    access = Replica(world).access_moves
    moves = DrillMoves(access, world.clock)
    giving, given, ending = (DRILLS[state] for state in ("giving", "given", "ending"))
    waiting = replace(ending, access=replace(ending.access, retry_at=LATE))

    assert [moves.lane(effect) for effect in AccessEffect] == [
        access.lane(effect) for effect in AccessEffect
    ]
    assert moves.lane(AccessEffect.REVOKE) is Lane.ENDING
    assert moves.ends_at(given) == EXPIRES
    assert moves.ends_at(giving) == giving.access.granted.give_up_at
    assert moves.alarm_at(given) is None
    assert moves.alarm_at(ending) == EXPIRES + OVERDUE_AFTER
    assert moves.hurried(waiting, EXPIRES).access.retry_at == EXPIRES
