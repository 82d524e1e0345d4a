"""The bot's health, as reported to operators."""

import asyncio
from datetime import timedelta

import pytest
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from services.faults import NotPermitted, Unavailable
from services.operations.health import (
    FRESH,
    FRESH_IF_NOT_READY,
    Health,
    Probe,
)
from services.operations.latest_look import LOOK_AGAIN, LOOK_EVERY, LatestLook
from services.storage.table import Row
from services.workflow.due.agenda import CLAIM
from services.workflow.version import HANDLES
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.replica import Replica, World

FOREVER = 1_000_000


def _health(replica: Replica, **probes: Probe) -> Health:
    return Health(
        probes,
        LatestLook(replica.core.attention, replica.clock, NoOpMeter("tests")),
        replica.clock,
    )


def _measured(replica: Replica) -> tuple[Health, InMemoryMetricReader]:
    """Return a replica's health, and what reads its gauges."""
    reader = InMemoryMetricReader()
    meter = MeterProvider(metric_readers=[reader], shutdown_on_exit=False).get_meter("tests")
    look = LatestLook(replica.core.attention, replica.clock, meter)
    return Health({}, look, replica.clock), reader


def _values(reader: InMemoryMetricReader) -> dict[str, list[int | float]]:
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: [
            point.value for point in metric.data.data_points if isinstance(point, NumberDataPoint)
        ]
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
    }


async def _answers() -> None:
    return None


async def test_a_bot_whose_dependencies_all_answer_is_ready() -> None:
    assert await _health(Replica(World()), tables=_answers).faults() == []


async def test_a_dependency_that_does_not_answer_is_named() -> None:
    async def fails() -> None:
        raise Unavailable("Key Vault", "503 at https://kv-demo.vault.azure.net")

    async def reports() -> list[str]:
        return ["Teams: the app is not installed"]

    faults = await _health(Replica(World()), vault=fails, teams=reports, tables=_answers).faults()

    assert faults == [
        "vault: check failed (Unavailable)",
        "Teams: the app is not installed",
    ]


async def test_a_hanging_dependency_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.operations.health.PATIENCE", timedelta(milliseconds=1))

    async def hangs() -> None:
        await asyncio.Event().wait()

    # On a busy machine the table may take a millisecond too, so this may not be the only error.
    assert "vault: no answer" in await _health(Replica(World()), vault=hangs).faults()


async def test_an_answer_is_cached_for_a_few_seconds() -> None:
    world = World()
    asked = 0

    async def counts() -> None:
        nonlocal asked
        asked += 1

    health = _health(Replica(world), vault=counts)
    await asyncio.gather(health.faults(), health.faults())
    world.clock.advance(FRESH - SECOND)
    await health.faults()
    before = asked
    world.clock.advance(SECOND)
    await health.faults()

    assert (before, asked) == (1, 2)


async def test_readiness_is_noticed_sooner_than_that() -> None:
    world = World()
    answers = iter([["not yet"], ["not yet"], []])

    async def reports() -> list[str]:
        return next(answers)

    health = _health(Replica(world), vault=reports)
    first = await health.faults()
    at_once = await health.faults()
    world.clock.advance(FRESH_IF_NOT_READY)
    second = await health.faults()
    world.clock.advance(FRESH_IF_NOT_READY)
    third = await health.faults()

    assert (first, at_once, second, third) == (["not yet"], ["not yet"], ["not yet"], [])


async def test_work_in_progress_is_not_overdue() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.clock.advance(HOUR - MINUTE)
    await replica.tick()
    world.clock.advance(6 * MINUTE - SECOND)

    assert await _health(replica).faults() == []


async def test_a_stuck_revocation_is_named() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.assignments.faults.order("delete", NotPermitted("Azure", "403"), times=FOREVER)

    await replica.pass_time(HOUR + 11 * MINUTE)

    assert await _health(replica).faults() == ["overdue revocation: req-one is stuck"]


async def test_a_workflow_no_one_advances_is_named() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()

    world.clock.advance(HOUR + 5 * MINUTE)

    assert await _health(replica).faults() == ["overdue: no replica has processed req-one"]


async def test_a_workflow_claimed_repeatedly_but_never_advanced_is_named() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await world.garble("req-one")
    world.clock.advance(HOUR)

    for _ in range(10):
        await replica.tick()
        world.clock.advance(CLAIM)
    await replica.tick()

    assert await _health(replica).faults() == ["overdue: no replica has processed req-one"]


async def test_rows_this_version_cannot_handle_are_named_and_counted() -> None:
    world = World()
    replica = Replica(world)
    health, reader = _measured(replica)
    await replica.give()
    await world.garble("req-one")
    world.clock.advance(HOUR)
    for _ in range(20):
        await replica.tick()
        world.clock.advance(CLAIM)

    faults = await health.faults()
    await health.measure()

    assert faults == [f"quarantined: req-one can't be handled by {HANDLES} (WrittenByNewer)"]
    assert _values(reader)["latchkey_quarantined"] == [1]


async def test_stuck_workflows_are_counted() -> None:
    world = World()
    replica = Replica(world)
    health, reader = _measured(replica)
    await replica.give()
    world.assignments.faults.order("delete", NotPermitted("Azure", "403"), times=FOREVER)
    await replica.pass_time(HOUR + 11 * MINUTE)

    await health.measure()

    data = reader.get_metrics_data()
    assert data is not None
    metric, *_ = data.resource_metrics[0].scope_metrics[0].metrics
    counts = {
        str(point.attributes["state"]): point.value
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint) and point.attributes
    }
    assert counts["stuck"] == 1


async def test_no_gauge_is_waited_for_before_another(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("services.operations.health.PATIENCE", timedelta(seconds=0.2))
    replica, both = Replica(World()), asyncio.Barrier(2)
    look = LatestLook(replica.core.attention, replica.clock, NoOpMeter("tests"))
    health = Health({}, look, replica.clock, gauges=(both.wait, both.wait))
    await health.measure()

    assert "not measured" not in caplog.text


async def test_what_is_due_is_measured_and_not_read_again_at_once() -> None:
    world = World()
    replica = Replica(world)
    health, reader = _measured(replica)
    await replica.give()
    world.clock.advance(HOUR + 6 * MINUTE)
    world.table.forget_counts()

    await health.measure()
    once = world.table.reads
    await health.measure()
    world.clock.advance(LOOK_EVERY - SECOND)
    await health.measure()

    assert world.table.reads == once == 48
    assert _values(reader)["latchkey_agenda_due"] == [1]
    assert _values(reader)["latchkey_overdue"] == [1]
    [age] = _values(reader)["latchkey_agenda_age"]
    assert age >= (6 * MINUTE).total_seconds()


async def test_the_page_and_the_gauges_share_a_look() -> None:
    world = World()
    health = _health(Replica(world))
    world.table.forget_counts()

    await health.measure()
    await health.faults()
    world.clock.advance(LOOK_EVERY - SECOND)
    await health.faults()
    before = world.table.reads
    world.clock.advance(FRESH)
    await health.faults()

    assert (before, world.table.reads) == (48, 96)


async def test_what_was_done_since_the_look_is_not_called_overdue() -> None:
    world = World()
    replica = Replica(world)
    health = _health(replica)
    await replica.give()
    world.clock.advance(HOUR - MINUTE)
    await replica.tick()
    world.clock.advance(6 * MINUTE - SECOND)
    before = await health.faults()
    await replica.tick()

    world.clock.advance(LOOK_EVERY - SECOND)

    assert before == await health.faults() == []


async def test_what_is_under_way_is_looked_at_again_before_it_can_have_become_a_fault() -> None:
    world = World()
    replica = Replica(world)
    health = _health(replica)
    await replica.give()
    world.assignments.faults.order("delete", Unavailable("Azure", "503"), times=FOREVER)
    world.clock.advance(HOUR)
    await replica.tick()
    await replica.pass_time(5 * MINUTE - SECOND)
    before = await health.faults()
    await replica.pass_time(LOOK_AGAIN)

    assert before == []
    assert await health.faults() == ["overdue revocation: req-one is stuck"]


async def test_a_fault_is_looked_at_again_as_soon_as_somebody_asks() -> None:
    world = World()
    replica = Replica(world)
    health = _health(replica)
    await replica.give()
    world.clock.advance(HOUR + 5 * MINUTE)
    before = await health.faults()
    await replica.tick()

    world.clock.advance(FRESH_IF_NOT_READY)

    assert before == ["overdue: no replica has processed req-one"]
    assert await health.faults() == []


async def test_a_table_that_does_not_answer_a_look_makes_no_older_one_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    health = _health(Replica(world))
    await health.faults()
    world.clock.advance(LOOK_EVERY)

    async def fails(*_: object) -> list[Row]:
        raise Unavailable("Tables", "503")

    monkeypatch.setattr(world.table, "range", fails)

    assert await health.faults() == ["overdue work: check failed (Unavailable)"]
