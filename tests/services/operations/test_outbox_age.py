"""Reporting to operators and admins that the audit channel has been silent for too long."""

from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from services.operations.health import Health
from services.operations.latest_look import LatestLook
from services.operations.outbox_age import OLD_AFTER, Backlog, backlog_of
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.replica import Replica, World


async def _backlog(replica: Replica) -> Backlog | None:
    return backlog_of(await replica.core.attention.read(replica.clock()))


async def _faults(replica: Replica) -> list[str]:
    look = LatestLook(replica.core.attention, replica.clock, NoOpMeter("tests"))
    return await Health({}, look, replica.clock).faults()


async def _out_of_the_team() -> Replica:
    """Remove the bot from the audit team, then ask for access."""
    world = World()
    world.message_sender.unreachable.add("audit")
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    return replica


async def test_an_announcement_that_waits_five_minutes_is_an_error_with_its_start() -> None:
    replica = await _out_of_the_team()

    await replica.pass_time(OLD_AFTER - SECOND)
    before = await _faults(replica)
    await replica.pass_time(SECOND)

    assert before == []
    [fault] = await _faults(replica)
    assert fault.startswith("1 announcement has been waiting since 2 Mar 2026, 09:00 UTC")
    assert fault.endswith("(the oldest is for req-one): is the bot still in the audit team?")


async def test_its_age_counts_from_the_event_however_often_it_is_postponed() -> None:
    replica = await _out_of_the_team()

    await replica.pass_time(3 * HOUR)
    found = await _backlog(replica)

    assert found is not None
    assert (found.since, found.workflow_id) == (NINE, "req-one")


async def test_once_the_bot_is_back_in_the_team_nothing_is_late() -> None:
    replica = await _out_of_the_team()
    await replica.pass_time(HOUR)

    replica.world.message_sender.unreachable.clear()
    await replica.pass_time(10 * MINUTE)

    assert await _faults(replica) == []


async def test_admins_see_it_as_stuck() -> None:
    replica = await _out_of_the_team()
    await replica.pass_time(10 * MINUTE)

    backlog = (await replica.stuck.list()).backlog

    assert backlog is not None
    assert (backlog.count, backlog.since) == (1, NINE)


async def test_the_age_of_the_oldest_announcement_is_measured() -> None:
    replica = await _out_of_the_team()
    reader = InMemoryMetricReader()
    meter = MeterProvider(metric_readers=[reader], shutdown_on_exit=False).get_meter("tests")
    look = LatestLook(replica.core.attention, replica.clock, meter)
    health = Health({}, look, replica.clock)
    ages = []

    for _ in range(2):
        await health.measure()
        ages.append(_measured(reader))
        await replica.pass_time(150 * SECOND)

    assert ages == [0, 150]


def _measured(reader: InMemoryMetricReader) -> float:
    data = reader.get_metrics_data()
    assert data is not None
    [point] = [
        point
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == "latchkey_outbox_age"
        for point in metric.data.data_points
    ]
    assert isinstance(point, NumberDataPoint)
    return point.value
