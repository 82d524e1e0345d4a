"""What the bot really logs and counts raises each alert when something is wrong, and not before."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from composition.logs import JsonFormatter, TextFormatter
from domain.access.request import AccessEvent
from domain.access.transitions.changes import approve
from domain.checkpoints.checkpoints import CheckpointsEvent
from domain.drill.drill import DrillEvent
from domain.rotation.rotation import RotationEvent
from services.faults import NotPermitted
from services.operations.drill_age import DrillAge
from services.operations.health import Health
from services.operations.latest_look import LatestLook
from services.operations.outbox_age import OLD_AFTER
from services.workflow.due import shard_board
from services.workflow.due.agenda import CLAIM
from services.workflow.event_kinds import EVENTS
from services.workflow.journal import Journal
from tests.infra import kql
from tests.infra.alerts import NAMES, query
from tests.infra.kql_expressions import NOW, Row
from tests.support.builders import ADA, HOUR, MINUTE, SECOND, a_request
from tests.support.clock import NINE
from tests.support.replica import Replica, World

FOREVER = 1_000_000

OF_EVENTS = {
    "stuck": AccessEvent.STUCK,
    "needs-human": RotationEvent.NEEDS_HUMAN,
    "broke-glass": AccessEvent.BROKE_GLASS,
    "drill-failed": DrillEvent.FAILED,
}
OF_GAUGES = ["overdue-revocation", "overdue", "quarantined", "audit-silent", "drill-overdue"]
OTHERS = ["worker-silent", "secret-near-expiry", "checkpoint-missing"]

# In Microsoft's table of what Key Vault logs, "Azure Key Vault logging".
NEAR_EXPIRY = "SecretNearExpiryEventGridNotification"
EXPIRED = "SecretExpiredEventGridNotification"
VAULT = "/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/kv"


def raised(name: str, **rows: Iterable[Row]) -> list[object]:
    """Return what an alert is about, by the rows of its tables."""
    found = kql.parse(query(name)).run({table: list(given) for table, given in rows.items()})
    return [row["About"] for row in found]


def of_the_log(*lines: str, at: datetime = NOW) -> list[Row]:
    return [{"TimeGenerated": at, "ResultDescription": line} for line in lines]


async def of_the_metrics(replica: Replica, drilled_at: datetime | None = None) -> list[Row]:
    """Return the rows of what a replica measures now, as its exporter sends gauges."""

    async def last_proof() -> datetime | None:
        return drilled_at

    reader = InMemoryMetricReader()
    meter = MeterProvider(metric_readers=[reader], shutdown_on_exit=False).get_meter("tests")
    await Health(
        {},
        LatestLook(replica.core.attention, replica.clock, meter),
        replica.clock,
        gauges=[DrillAge(last_proof, replica.clock, meter).measure],
    ).measure()
    data = reader.get_metrics_data()
    assert data is not None
    return [
        {
            "TimeGenerated": NOW,
            "Name": metric.name,
            "Properties": dict(point.attributes or {}),
            "Sum": point.value,
            "ItemCount": 1,
        }
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint)
    ]


async def raised_by_gauges(replica: Replica, drilled_at: datetime | None = None) -> set[str]:
    """Return the alerts on gauges that what a replica measures now would raise."""
    rows = await of_the_metrics(replica, drilled_at)
    return {name for name in OF_GAUGES if raised(name, AppMetrics=rows)}


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[str]]:
    """Return a function that returns the lines of an event about req-one, as text and JSON."""
    caplog.set_level(logging.INFO, "latchkey.events")
    Journal(NoOpMeter("tests")).write(approve(a_request(), ADA, NINE))
    [record] = caplog.records

    def lines(event: str) -> list[str]:
        assert record.args == (AccessEvent.APPROVED, ADA.object_id)
        facts = {**vars(record), "args": (event, ADA.object_id), "event": event}
        copy = logging.makeLogRecord(facts)
        return [form.format(copy) for form in (TextFormatter(), JsonFormatter())]

    return lines


def test_each_alert_is_tried_here() -> None:
    assert sorted([*OF_EVENTS, *OF_GAUGES, *OTHERS]) == sorted(NAMES)


@pytest.mark.parametrize("name", OF_EVENTS)
def test_the_alert_about_an_event_finds_its_lines(
    name: str, logged: Callable[[str], list[str]]
) -> None:
    lines = logged(OF_EVENTS[name])

    assert raised(name, AppServiceConsoleLogs=of_the_log(*lines)) == ["req-one", "req-one"]


@pytest.mark.parametrize("name", OF_EVENTS)
def test_it_finds_no_other_events(name: str, logged: Callable[[str], list[str]]) -> None:
    others = {event for events in EVENTS.values() for event in events} - {OF_EVENTS[name]}
    lines = [line for event in others for line in logged(event)]

    assert len(lines) > 100
    assert raised(name, AppServiceConsoleLogs=of_the_log(*lines)) == []


async def test_no_gauge_alarms_while_all_is_well() -> None:
    replica = Replica(World())
    await replica.give()

    assert await raised_by_gauges(replica) == set()


async def test_a_stuck_revocation_alarms_until_it_is_over() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.assignments.faults.order("delete", NotPermitted("Azure", "403"), times=FOREVER)
    await replica.pass_time(HOUR + 11 * MINUTE)
    stuck = await raised_by_gauges(replica)

    world.assignments.faults.clear()
    await replica.pass_time(HOUR)

    assert stuck == {"overdue-revocation"}
    assert await raised_by_gauges(replica) == set()


async def test_work_alarms_that_no_replica_has_done_for_five_minutes() -> None:
    replica = Replica(World())
    await replica.give()
    replica.world.clock.advance(HOUR - MINUTE)
    await replica.settle()

    replica.world.clock.advance(6 * MINUTE - SECOND)
    before = await raised_by_gauges(replica)
    replica.world.clock.advance(SECOND)

    assert before == set()
    assert await raised_by_gauges(replica) == {"overdue"}


async def test_rows_alarm_that_no_version_can_handle() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await world.garble("req-one")
    world.clock.advance(HOUR)
    for _ in range(20):
        await replica.tick()
        world.clock.advance(CLAIM)

    assert await raised_by_gauges(replica) == {"quarantined"}


async def test_an_announcement_alarms_that_has_waited_for_more_than_five_minutes() -> None:
    world = World()
    world.message_sender.unreachable.add("audit")
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    await replica.pass_time(OLD_AFTER)
    before = await raised_by_gauges(replica)
    await replica.pass_time(SECOND)

    assert before == set()
    assert await raised_by_gauges(replica) == {"audit-silent"}


async def test_drills_alarm_of_which_none_has_succeeded_for_more_than_three_hours() -> None:
    replica = Replica(World())
    limit = replica.clock() - 3 * HOUR

    assert await raised_by_gauges(replica, limit) == set()
    assert await raised_by_gauges(replica, limit - SECOND) == {"drill-overdue"}


async def test_the_alerts_on_gauges_say_what_they_are_about() -> None:
    high = [{**row, "Sum": FOREVER} for row in await of_the_metrics(Replica(World()), NOW - HOUR)]

    abouts = [about for name in OF_GAUGES for about in raised(name, AppMetrics=high)]
    assert abouts == ["revocations", "due work", "quarantine", "audit channel", "drills"]


def a_write(partition: str, status: int = 204) -> Row:
    table = "https://latchkey.table.core.windows.net/latchkey"
    uri = f"{table}(PartitionKey='{partition}',RowKey='replica~one')"
    return {"TimeGenerated": NOW, "Uri": uri, "StatusCode": str(status)}


def test_the_worker_is_silent_if_no_replica_has_said_that_it_lives() -> None:
    elsewhere, refused = a_write("0a"), a_write(shard_board.PARTITION, 412)

    assert raised("worker-silent") == ["worker"]
    assert raised("worker-silent", StorageTableLogs=[elsewhere, refused]) == ["worker"]


def test_it_isnt_once_one_has() -> None:
    assert raised("worker-silent", StorageTableLogs=[a_write(shard_board.PARTITION)]) == []


def an_operation(name: str) -> Row:
    return {"TimeGenerated": NOW, "OperationName": name, "_ResourceId": VAULT}


@pytest.mark.parametrize("operation", [NEAR_EXPIRY, EXPIRED])
@pytest.mark.parametrize("table", ["AZKVAuditLogs", "AzureDiagnostics"])
def test_a_secret_that_expires_alarms_whichever_table_its_vault_logs_to(
    table: str, operation: str
) -> None:
    assert raised("secret-near-expiry", **{table: [an_operation(operation)]}) == [VAULT]


def test_other_operations_of_a_vault_do_not() -> None:
    rows = [an_operation(name) for name in ("SecretGet", "SecretSet", "KeyNearExpiry")]

    assert raised("secret-near-expiry", AZKVAuditLogs=rows, AzureDiagnostics=rows) == []


def checkpoints_alarm(began: timedelta, *taken: timedelta, lines: list[str]) -> bool:
    """Tell whether it alarms if the log began, and checkpoints were taken, so long ago."""
    rows = of_the_log("Latchkey is running", at=NOW - began)
    for ago in taken:
        rows += of_the_log(*lines, at=NOW - ago)
    return bool(raised("checkpoint-missing", AppServiceConsoleLogs=rows))


def test_no_checkpoint_for_26_hours_alarms(logged: Callable[[str], list[str]]) -> None:
    limit = 26 * HOUR

    for line in logged(CheckpointsEvent.TAKEN):
        assert checkpoints_alarm(limit + SECOND, lines=[line])
        assert checkpoints_alarm(2 * limit, limit + SECOND, lines=[line])
        assert not checkpoints_alarm(limit, lines=[line])
        assert not checkpoints_alarm(2 * limit, limit, lines=[line])


def test_no_other_event_counts_as_a_checkpoint(logged: Callable[[str], list[str]]) -> None:
    events = {event for events in EVENTS.values() for event in events} - {CheckpointsEvent.TAKEN}
    lines = [line for event in events for line in logged(event)]

    assert checkpoints_alarm(27 * HOUR, MINUTE, lines=lines)
