"""Each alert asks for what the bot really logs and counts, and the runbook says what to do."""

import logging
import re
from collections.abc import Callable

import pytest
from opentelemetry.metrics import NoOpMeter

from composition.logs import JsonFormatter, TextFormatter
from domain.access.changes import approve
from domain.access.request import AccessEvent
from domain.checkpoints.checkpoints import CheckpointsEvent
from domain.drill.drill import DrillEvent
from domain.rotation.rotation import RotationEvent
from services.operations.outbox_age import OLD_AFTER
from services.workflow import shard_board
from services.workflow.journal import Journal
from tests.infra import bicep, kql
from tests.support.builders import ADA, a_request
from tests.support.clock import NINE

ALERTS = bicep.source("modules/alerts.bicep")
NAMES = re.findall(r"^    name: '([\w-]+)'$", ALERTS.partition("var rules = [")[2], re.MULTILINE)
RUNBOOK = (bicep.INFRA.parent / "docs" / "runbook.md").read_text(encoding="utf-8")

EVENTS = {
    "stuck": AccessEvent.STUCK,
    "needs-human": RotationEvent.NEEDS_HUMAN,
    "broke-glass": AccessEvent.BROKE_GLASS,
    "drill-failed": DrillEvent.FAILED,
}

# As in the reference of azurerm_monitor_scheduled_query_rules_alert_v2, unless it is each minute.
WINDOWS = {f"PT{minutes}M" for minutes in (5, 10, 15, 30, 45)}
WINDOWS |= {f"PT{hours}H" for hours in (1, 2, 3, 4, 5, 6)} | {"P1D", "P2D"}


def query(name: str) -> str:
    """Return an alert's query without its comments."""
    lines = bicep.source(f"alerts/{name}.kql").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//"))


def found_in(name: str, line: str) -> str | None:
    """Return what the query of an event says that a line of the log is about."""
    text = query(name)
    [pattern] = re.findall(r"ResultDescription matches regex @'([^']+)'", text)
    [(about, group)] = re.findall(r"extract\(@'([^']+)', (\d), ResultDescription\)", text)
    if not re.search(pattern, line):
        return None
    found = re.search(about, line)
    return found[int(group)] if found else None


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


def test_each_alert_has_its_query() -> None:
    files = sorted(path.stem for path in (bicep.INFRA / "alerts").iterdir())

    assert sorted(NAMES) == files
    assert re.findall(r"loadTextContent\('../alerts/([\w-]+).kql'\)", ALERTS) == NAMES


def test_the_runbook_has_a_section_for_each_alert_and_no_other() -> None:
    alerts = RUNBOOK.partition("\n## Alerts\n")[2].partition("\n## ")[0]

    metric_alerts = re.findall(r"name: '\$\{name\}-([\w-]+)'\n  location: 'global'", ALERTS)
    assert metric_alerts == ["not-ready"]
    assert re.findall(r"^### `([\w-]+)`$", alerts, re.MULTILINE) == [*NAMES, *metric_alerts]


@pytest.mark.parametrize("name", NAMES)
def test_a_query_uses_only_columns_that_its_table_has(name: str) -> None:
    tables = kql.tables(query(name))

    named = kql.columns(query(name))
    assert tables
    assert named
    assert [named - kql.COLUMNS[table] for table in tables] == [set()] * len(tables)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_says_what_its_alert_is_about(name: str) -> None:
    last = query(name).splitlines()[-1]

    assert re.fullmatch(r"\| project (TimeGenerated, )?About( = .+)?", last)


@pytest.mark.parametrize("name", EVENTS)
def test_the_alert_about_an_event_finds_its_lines(
    name: str, logged: Callable[[str], list[str]]
) -> None:
    found = [found_in(name, line) for line in logged(EVENTS[name])]

    assert found == ["req-one", "req-one"]


@pytest.mark.parametrize("name", EVENTS)
def test_it_finds_no_other_events(name: str, logged: Callable[[str], list[str]]) -> None:
    others = {*AccessEvent, *RotationEvent} - {EVENTS[name]}

    lines = [line for event in others for line in logged(event)]
    assert lines
    assert [line for line in lines if found_in(name, line)] == []


def test_a_checkpoint_is_found_in_the_log_and_no_other_event_is(
    logged: Callable[[str], list[str]],
) -> None:
    [pattern] = re.findall(r"matches regex @'([^']+)'", query("checkpoint-missing"))
    others = [line for event in (*AccessEvent, *RotationEvent) for line in logged(event)]

    assert [bool(re.search(pattern, line)) for line in logged(CheckpointsEvent.TAKEN)] == [True] * 2
    assert [line for line in others if re.search(pattern, line)] == []


def test_the_alert_about_checkpoints_looks_back_further_than_it_waits() -> None:
    rule = bicep.members(ALERTS.partition("name: 'checkpoint-missing'")[2].partition("}")[0])

    assert re.findall(r"ago\((\w+)\)", query("checkpoint-missing")) == ["26h", "26h"]
    assert rule["window"] == "'P2D'"


def test_azure_takes_the_windows_and_frequencies() -> None:
    windows = set(re.findall(r"window: '(\w+)'", ALERTS))
    frequencies = set(re.findall(r"requency: (?:.+ \?\? )?'(\w+)'\n", ALERTS))

    assert windows <= WINDOWS
    assert frequencies >= {"PT1H", "PT5M"}
    assert frequencies <= WINDOWS | {"PT1M"} - {"P2D"}


def test_the_alerts_on_gauges_ask_for_those_that_exist() -> None:
    services = bicep.INFRA.parent / "services" / "operations"
    sources = [path.read_text(encoding="utf-8") for path in services.glob("*.py")]
    gauges = {name for text in sources for name in re.findall(r'"(latchkey_\w+)"', text)}

    asked = re.findall(r'Name == "(\w+)"', "".join(query(name) for name in NAMES))
    assert asked == [
        "latchkey_workflows",
        "latchkey_outbox_age_seconds",
        "latchkey_drill_age",
    ]
    assert set(asked) <= gauges


def test_the_audit_channel_is_silent_after_as_long_as_for_readyz() -> None:
    assert f"> {OLD_AFTER.total_seconds():.0f}\n" in query("audit-silent")


def test_the_worker_is_looked_for_where_it_writes() -> None:
    assert f'Uri contains "{shard_board.PARTITION}"' in query("worker-silent")
    assert "'StorageWrite'" in bicep.source("modules/diagnostics.bicep")


def test_no_log_has_the_addresses_that_people_open() -> None:
    """The address after a sign-in contains its code."""
    categories = re.findall(r"'(\w+Logs)'", bicep.source("modules/diagnostics.bicep"))

    assert "AppServiceConsoleLogs" in categories
    assert "AppServiceHTTPLogs" not in categories
