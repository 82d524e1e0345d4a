"""What the engine does around the moves of a workflow, whatever its kind."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from domain.access.transitions import changes as change
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Change, Event, Wait
from services.faults import Fault, Unavailable
from services.log_context import correlation_id
from services.workflow.due.agenda import CLAIM
from services.workflow.engine import MOVE_TIMEOUT, Engine
from services.workflow.journal import Journal
from services.workflow.lanes import Lane, current_lane
from services.workflow.ownership import is_owned
from services.workflow.workflows import Due
from tests.support.builders import (
    ADA,
    CY,
    HOUR,
    MINUTE,
    SECOND,
    a_request,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock
from tests.support.replica import Replica, World
from tests.support.rotation.builders import DAY, a_schedule
from tests.support.runs import NAME, NOON, Runs, opened, row_of


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_move_that_is_due_is_claimed_and_one_that_waits_is_anyones() -> None:
    waiting, _ = await opened(World())
    due, _ = await opened(World(), run_at=NINE)
    retried, _ = await opened(World(), retry_at=NOON)

    rows = [await row_of(replica) for replica in (waiting, due, retried)]

    assert [(row.due, row.claimed_until, row.lane, row.is_retry) for row in rows] == [
        (NOON, None, Lane.ROTATION, False),
        (NINE, NINE + CLAIM, Lane.ROTATION, False),
        (NOON, None, Lane.ROTATION, True),
    ]


@pytest.mark.parametrize("run_at", [NINE, NOON])
async def test_a_row_says_when_access_is_to_be_ended(run_at: datetime) -> None:
    replica, _ = await opened(World(), run_at=run_at, ends=NINE + HOUR)

    assert (await row_of(replica)).ends_at == NINE + HOUR


async def test_a_wait_that_only_ends_in_another_one_counts_as_ending_access() -> None:
    replica, kind = await opened(World())
    kind.next_move = lambda head, now: Wait(now + HOUR)  # type: ignore[method-assign]  # for ever
    stored = await replica.workflows.load(NAME)
    assert stored

    await replica.engine.record(stored, Change(a_schedule()))

    row = await row_of(replica)
    assert (row.due, row.lane) == (NINE + HOUR, Lane.ENDING)


async def test_what_is_done_is_never_due() -> None:
    replica, _ = await opened(World(), run_at=None)

    assert await replica.agenda.late(NINE + 9 * DAY) == []


async def test_a_move_knows_its_lane_and_how_long_it_may_act() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    known: list[tuple[Lane, bool]] = []

    async def look() -> None:
        for seconds in (0, 14.9, 0.1):
            world.clock.advance(seconds=seconds)
            known.append((current_lane(), is_owned()))

    kind.meanwhile = look  # type: ignore[method-assign]  # happens instead
    await replica.engine.advance(NAME)

    assert known == [(Lane.ROTATION, True), (Lane.ROTATION, True), (Lane.ROTATION, False)]
    assert (current_lane(), is_owned()) == (Lane.REST, True)


async def test_what_is_logged_during_a_move_is_logged_under_its_workflow() -> None:
    replica, kind = await opened(World(), run_at=NINE)
    known: list[str] = []

    async def look() -> None:
        known.append(correlation_id())

    kind.meanwhile = look  # type: ignore[method-assign]  # happens instead
    await replica.engine.advance(NAME)

    assert (known, correlation_id()) == ([NAME], "")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Unavailable("Azure", "503"), "sch-one: could not run: Azure: 503"),
        (KeyError("a bug"), "sch-one: could not run"),
    ],
)
async def test_the_log_says_which_move_of_which_workflow_failed_and_why(
    fault: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    replica, kind = await opened(World(), run_at=NINE)

    async def fail() -> None:
        raise fault

    kind.meanwhile = fail  # type: ignore[method-assign]  # happens instead
    await replica.engine.advance(NAME)

    assert warned(caplog) == [said]
    assert kind.failed == ["run"]
    assert [str(one) for one in kind.faults] == [
        str(fault) if isinstance(fault, Fault) else "Latchkey: unexpected error"
    ]


def cut_off_after(alarm: timedelta | None) -> tuple[timedelta, Runs, datetime | None]:
    """Let a move hang; return after what time it was cut off, and when it is due again."""

    async def main() -> tuple[timedelta, Runs, datetime | None]:
        world = World()
        world.clock = LoopClock()
        replica, kind = await opened(world, run_at=NINE)
        kind.alarm = None if alarm is None else NINE + alarm
        kind.meanwhile = asyncio.Event().wait  # type: ignore[assignment]  # happens instead
        stored = await replica.engine.advance(NAME)
        assert stored
        return replica.clock() - NINE, kind, stored.due

    return virtual_time.run(main())


@pytest.mark.parametrize(
    ("alarm", "after"),
    [
        (None, MOVE_TIMEOUT),
        (HOUR, MOVE_TIMEOUT),
        (4 * SECOND, 4 * SECOND),
        (SECOND, SECOND),
        (timedelta(), MOVE_TIMEOUT),
        (-MINUTE, MOVE_TIMEOUT),
    ],
)
def test_a_move_that_hangs_is_cut_off_in_time_for_an_alarm_that_is_still_to_come(
    alarm: timedelta | None, after: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    took, kind, due = cut_off_after(alarm)

    [fault] = kind.faults
    assert (took, kind.failed) == (after, ["run"])
    assert (str(fault), fault.outcome_unknown) == ("Azure: no answer in time", True)
    assert due == NINE + after + HOUR
    assert warned(caplog) == ["sch-one: could not run in time"]


async def test_what_a_crash_may_have_left_is_recorded_with_the_next_move() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    world.table.forget_counts()

    stored = await replica.engine.advance(NAME, NINE - MINUTE)

    assert stored
    assert stored.head == a_schedule(run_at=NINE + DAY, check_at=NINE - MINUTE)
    assert [head.check_at for head in kind.ran] == [NINE - MINUTE]
    assert world.table.transactions == 1


async def test_what_a_crash_may_have_left_is_recorded_at_once_if_the_workflow_waits() -> None:
    world = World()
    replica, _ = await opened(world)

    await replica.engine.advance(NAME, NINE - MINUTE)
    world.table.forget_counts()
    await replica.engine.advance(NAME, NINE - MINUTE)

    stored = await replica.workflows.load(NAME)
    assert stored
    assert stored.head == a_schedule(check_at=NINE - MINUTE)
    assert world.table.transactions == 0


async def test_what_a_crash_may_have_left_gives_way_to_a_later_change() -> None:
    world = World()
    replica, kind = await opened(world)
    other = Replica(World(world.store))
    other.engine.register(ScheduledRotation, kind)
    world.table.hold()

    noting = asyncio.create_task(replica.engine.advance(NAME, NINE - MINUTE))
    await world.table.held(1)
    stored = await other.workflows.load(NAME)
    assert stored
    await other.engine.record(stored, Change(a_schedule(run_at=NOON + HOUR)))
    world.table.let_go()
    after = await noting

    assert after
    assert after.head == a_schedule(run_at=NOON + HOUR)


async def test_a_retry_that_another_replica_has_just_begun_is_not_hurried() -> None:
    world = World()
    replica, kind = await opened(world, retry_at=NOON)
    other = Replica(World(world.store))
    other.engine.register(ScheduledRotation, kind)
    world.table.hold()

    hurrying = asyncio.create_task(replica.engine.hurry(NAME))
    await world.table.held(1)
    began = await other.engine.hurry(NAME)
    world.table.let_go()

    assert (began, await hurrying) == (True, False)
    assert (await row_of(other)).claimed_until is None


@pytest.mark.parametrize("is_claimed", [False, True])
async def test_a_hurried_retry_is_due_now_and_can_be_claimed(*, is_claimed: bool) -> None:
    replica, _ = await opened(World(), retry_at=NOON)

    found = await replica.engine.hurry(NAME, is_claimed=is_claimed)

    row = await row_of(replica)
    assert found is True
    assert (row.due, row.claimed_until) == (NINE, NINE + CLAIM if is_claimed else None)


async def test_without_a_retry_there_is_nothing_to_hurry() -> None:
    replica, _ = await opened(World())

    assert await replica.engine.hurry(NAME) is False
    assert await replica.engine.hurry("sch-none") is False
    assert (await row_of(replica)).due == NOON


async def test_a_claim_that_ran_out_leaves_the_move_to_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    replica, kind = await opened(World(), run_at=NINE)

    stored = await replica.engine.advance(NAME, owned=NINE)
    left = list(kind.ran)
    await replica.engine.advance(NAME, owned=NINE + SECOND)

    assert (left, len(kind.ran)) == ([], 1)
    assert stored
    assert stored.due == NINE
    assert warned(caplog) == ["sch-one: left to others, as its claim ran out"]


async def test_each_recorded_move_prolongs_the_claim() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)

    async def run(effect: str, head: ScheduledRotation) -> Change[ScheduledRotation]:
        world.clock.advance(MOVE_TIMEOUT)
        kind.ran.append(head)
        return Change(replace(head, run_at=None if len(kind.ran) == 3 else NINE))

    kind.perform = run  # type: ignore[method-assign]  # happens instead
    await replica.engine.advance(NAME)

    assert len(kind.ran) == 3


async def test_a_change_that_concerns_the_same_people_costs_one_transaction() -> None:
    world = World()
    replica = Replica(world)
    stored = await replica.engine.open(change.submit(a_request()))
    world.table.forget_counts()

    await replica.engine.record(stored, change.approve(a_request(), ADA, NINE))

    assert world.table.transactions == 1


async def test_a_replica_that_hands_over_begins_nothing_and_claims_nothing() -> None:
    replica, kind = await opened(World())
    replica.engine.hand_over()
    stored = await replica.workflows.load(NAME)
    assert stored

    await replica.engine.record(stored, Change(a_schedule(run_at=NINE)))
    await replica.engine.advance(NAME)

    assert (kind.ran, (await row_of(replica)).claimed_until) == ([], None)


@pytest.mark.parametrize("is_free", [False, True])
async def test_a_move_needs_a_place_in_its_lane(*, is_free: bool) -> None:
    replica, kind = await opened(World(), run_at=NINE)
    asked: list[Lane] = []

    async def enter(lane: Lane) -> bool:
        asked.append(lane)
        return is_free

    after = await replica.engine.advance(NAME, enter=enter)

    assert asked == [Lane.ROTATION]
    assert len(kind.ran) == int(is_free)
    assert after
    assert after.due == (NINE + DAY if is_free else NINE)


async def test_who_advances_a_workflow_learns_when_it_was_due_before() -> None:
    replica, _ = await opened(World(), run_at=NINE)

    advanced = await replica.engine.advance_from(NAME)

    assert advanced.was_due == NINE
    assert advanced.stored
    assert advanced.stored.due == NINE + DAY


async def test_listeners_hear_when_a_workflow_is_due_and_that_it_has_events() -> None:
    replica, _ = await opened(World())
    due: list[tuple[str, Due]] = []
    announced: list[str] = []
    replica.engine.on_due(lambda name, at: due.append((name, at)))
    replica.engine.on_announced(announced.append)
    event = Event("ran", NINE, ADA)

    stored = await replica.engine.open(Change(a_schedule(id="sch-two"), (event,)))
    after = await replica.engine.record(stored, Change(a_schedule(id="sch-two")))
    await replica.engine.record(after, Change(a_schedule(id="sch-two", run_at=None), (event,)))

    at_noon = Due(NOON, None, Lane.ROTATION)
    assert due == [("sch-two", at_noon), ("sch-two", at_noon)]
    assert announced == ["sch-two", "sch-two"]


@pytest.mark.parametrize(("unknown", "heard"), [(True, ["sch-two", NAME]), (False, [])])
async def test_listeners_hear_of_what_may_be_stored_late(
    monkeypatch: pytest.MonkeyPatch, *, unknown: bool, heard: list[str]
) -> None:
    replica, _ = await opened(World())
    stored = await replica.workflows.load(NAME)
    unanswered: list[str] = []
    replica.engine.on_unanswered(unanswered.append)

    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("Tables", "504", outcome_unknown=unknown)

    monkeypatch.setattr(replica.workflows, "create", fail)
    monkeypatch.setattr(replica.workflows, "commit", fail)
    with pytest.raises(Unavailable):
        await replica.engine.open(Change(a_schedule(id="sch-two")))
    assert stored
    with pytest.raises(Unavailable):
        await replica.engine.record(stored, Change(a_schedule(run_at=None)))

    assert unanswered == heard


async def test_without_listeners_what_may_be_stored_late_is_a_fault_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replica = Replica(World())
    journal = Journal(NoOpMeter("tests"))
    engine = Engine(replica.workflows, replica.clock, journal, replica.index)
    engine.register(ScheduledRotation, Runs(replica.clock))

    async def fail(*_: object) -> None:
        raise Unavailable("Tables", "504")

    monkeypatch.setattr(replica.workflows, "create", fail)
    with pytest.raises(Unavailable):
        await engine.open(Change(a_schedule()))


async def test_without_listeners_a_change_is_stored_all_the_same() -> None:
    replica = Replica(World())
    journal = Journal(NoOpMeter("tests"))
    engine = Engine(replica.workflows, replica.clock, journal, replica.index)
    engine.register(ScheduledRotation, Runs(replica.clock))

    await engine.open(Change(a_schedule(), (Event("ran", NINE, ADA),)))

    assert await replica.event_kinds(NAME) == ["ran"]


async def test_each_move_is_a_span_with_the_id_of_its_workflow() -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    replica, kind = await opened(World(), run_at=NINE)
    journal, tracer = Journal(NoOpMeter("tests")), provider.get_tracer("tests")
    engine = Engine(replica.workflows, replica.clock, journal, replica.index, tracer)
    engine.register(ScheduledRotation, kind)

    await engine.advance(NAME)

    [span] = spans.get_finished_spans()
    assert (span.name, dict(span.attributes or {})) == ("run", {"correlation_id": NAME})


async def test_each_stored_event_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "latchkey.events")
    replica, _ = await opened(World())

    stored = await replica.engine.open(change.submit(a_request()))
    await replica.engine.record(stored, change.approve(a_request(), ADA, NINE))

    assert [record.message.split(" by ")[0] for record in caplog.records] == [
        "requested",
        "approved",
    ]


async def test_a_request_is_on_the_lists_of_those_whom_it_concerns_as_long_as_it_does() -> None:
    world = World()
    replica = Replica(world)
    replica.access._advance_soon = lambda _: None
    await replica.ask()
    asked = await world.listed()

    await replica.approve()
    await replica.engine.advance("req-one")

    listed = await world.listed()
    assert len([row for row in asked if " decides~" in row]) == 2
    assert [row for row in listed if " decides~" in row] == []
    assert [row for row in listed if " asked~" in row] == [row for row in asked if " asked~" in row]


async def test_whom_a_change_concerns_from_now_on_has_it_on_the_list() -> None:
    world = World()
    replica = Replica(world)
    stored = await replica.engine.open(change.submit(a_request()))
    terms = some_terms(approvers=(in_directory(CY),))

    asked = a_request(terms=terms, approvers_since=NINE + MINUTE)
    await replica.engine.record(stored, Change(asked))

    assert [row for row in await world.listed() if f"{CY.object_id} decides~" in row]
