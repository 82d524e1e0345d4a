"""Each alert asks for what the bot really logs and counts, and the runbook says what to do."""

import json
import logging
import re

import pytest

from app import _set_up_logging
from domain.access.request import AccessEvent
from domain.rotation.rotation import RotationEvent
from services.operations.outbox_age import OLD_AFTER
from services.workflow import shard_board
from tests.infra import bicep

ALERTS = bicep.source("modules/alerts.bicep")
NAMES = re.findall(r"^    name: '([\w-]+)'$", ALERTS.partition("var rules = [")[2], re.MULTILINE)
RUNBOOK = (bicep.INFRA.parent / "docs" / "runbook.md").read_text(encoding="utf-8")

EVENTS = {
    "stuck": AccessEvent.STUCK,
    "needs-human": RotationEvent.NEEDS_HUMAN,
    "broke-glass": AccessEvent.BROKE_GLASS,
}

# As in Azure Monitor's reference, for those that the queries use.
COLUMNS = {
    "AppServiceConsoleLogs": {"TimeGenerated", "ResultDescription"},
    "AppMetrics": {"TimeGenerated", "Name", "Properties", "Sum", "ItemCount"},
    "StorageTableLogs": {"TimeGenerated", "Uri", "StatusCode"},
    "AZKVAuditLogs": {"TimeGenerated", "OperationName", "_ResourceId"},
    "AzureDiagnostics": {"TimeGenerated", "OperationName", "_ResourceId"},
}
OWN_COLUMNS = {"About", "Writes"}


def query(name: str) -> str:
    """Return an alert's query without its comments."""
    lines = bicep.source(f"alerts/{name}.kql").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//"))


def found_in(name: str, line: str) -> str | None:
    """Return what the query of an event says that a line of the log is about."""
    text = query(name)
    [term] = re.findall(r'ResultDescription has "([^"]+)"', text)
    [pattern] = re.findall(r'extract\(@"([^"]+)", 1, ResultDescription\)', text)
    found = re.search(pattern, line) if term in line else None
    return found[1] if found else None


def logged(event: str, workflow_id: str) -> tuple[str, str]:
    """Return the line that an event writes, as text and within JSON."""
    given = (workflow_id, event, "latchkey")
    record = logging.LogRecord("latchkey.events", logging.INFO, "", 0, "%s %s by %s", given, None)
    record.correlation_id = workflow_id
    text = _formatter().format(record)
    return text, json.dumps({"logger": record.name, "message": record.getMessage()})


def _formatter() -> logging.Formatter:
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers.clear()
    try:
        _set_up_logging()
        formatter = root.handlers[0].formatter
        assert formatter
        return formatter
    finally:
        root.handlers[:] = before


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
    source, _, steps = query(name).partition("\n")
    tables = re.findall(r"\b[A-Z]\w+", source)

    named = set(re.findall(r"\b_?[A-Z]\w+", re.sub(r'@?"[^"]*"', '""', steps)))
    assert tables
    assert named
    assert [named - OWN_COLUMNS - COLUMNS[table] for table in tables] == [set()] * len(tables)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_says_what_its_alert_is_about(name: str) -> None:
    last = query(name).splitlines()[-1]

    assert re.fullmatch(r"\| project (TimeGenerated, )?About( = .+)?", last)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("workflow_id", ["req-2ab7q3v9kx", "rot-2ab7q3v9kx"])
def test_the_alert_about_an_event_finds_its_line(name: str, workflow_id: str) -> None:
    for line in logged(EVENTS[name], workflow_id):
        assert found_in(name, line) == workflow_id


@pytest.mark.parametrize("name", EVENTS)
def test_it_finds_no_other_events(name: str) -> None:
    others = {*AccessEvent, *RotationEvent} - {EVENTS[name]}

    lines = [line for event in others for line in logged(event, "req-2ab7q3v9kx")]
    assert [line for line in lines if found_in(name, line)] == []


def test_a_person_cannot_raise_an_alert_by_what_they_write() -> None:
    """Only the journal writes lines of this logger, and none contains what people wrote."""
    line = "2026-11-28 INFO services.people.groups [-] the group 'x stuck by y' admits no one"

    assert found_in("stuck", line) is None


def test_the_alerts_on_gauges_ask_for_those_that_exist() -> None:
    services = bicep.INFRA.parent / "services" / "operations"
    sources = [path.read_text(encoding="utf-8") for path in services.glob("*.py")]
    gauges = {name for text in sources for name in re.findall(r'"(latchkey_\w+)"', text)}

    asked = re.findall(r'Name == "(\w+)"', "".join(query(name) for name in NAMES))
    assert asked == ["latchkey_workflows", "latchkey_outbox_age_seconds"]
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
