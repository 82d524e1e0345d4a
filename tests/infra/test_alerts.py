"""Each alert is set, and the runbook says what to do about it."""

import re

import pytest

from tests.infra import bicep, kql
from tests.infra.alerts import ALERTS, NAMES, query

RUNBOOK = (bicep.INFRA.parent / "docs" / "runbook.md").read_text(encoding="utf-8")

# As in the reference of azurerm_monitor_scheduled_query_rules_alert_v2, unless it is each minute.
WINDOWS = {f"PT{minutes}M" for minutes in (5, 10, 15, 30, 45)}
WINDOWS |= {f"PT{hours}H" for hours in (1, 2, 3, 4, 5, 6)} | {"P1D", "P2D"}


def test_each_alert_has_its_query() -> None:
    files = sorted(path.stem for path in (bicep.INFRA / "alerts").iterdir())

    assert sorted(NAMES) == files
    assert re.findall(r"loadTextContent\('../alerts/([\w-]+).kql'\)", ALERTS) == NAMES


def test_the_runbook_has_a_section_for_each_alert_and_no_other() -> None:
    alerts = RUNBOOK.partition("\n## Alerts\n")[2].partition("\n## ")[0]

    metric_alerts = re.findall(r"name: '\$\{name\}-([\w-]+)'\n  location: 'global'", ALERTS)
    assert metric_alerts == ["not-ready"]
    assert re.findall(r"^### `([\w-]+)`$", alerts, re.MULTILINE) == [*NAMES, *metric_alerts]


def test_each_metric_of_which_the_runbook_says_that_it_alarms_has_an_alert_that_asks_for_it() -> (
    None
):
    rows = re.findall(r"^\| `(latchkey_\w+)[^|]*\|[^|]+\| (\w.+) \|$", RUNBOOK, re.MULTILINE)
    named = {
        name.removesuffix("_seconds"): re.findall(r"`([\w-]+)`", alert) for name, alert in rows
    }

    assert named.pop("latchkey_agenda_age") == []  # as by the next line
    assert len(named) == 5
    for metric, alerts in named.items():
        [alert] = alerts
        assert metric in query(alert)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_says_what_its_alert_is_about(name: str) -> None:
    columns = kql.parse(query(name)).columns

    assert "About" in columns
    assert columns <= {"About", "TimeGenerated"}


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


def test_the_writes_by_which_the_worker_is_seen_are_sent_to_the_workspace() -> None:
    assert "'StorageWrite'" in bicep.source("modules/diagnostics.bicep")


def test_no_log_has_the_addresses_that_people_open() -> None:
    """The address after a sign-in contains its code."""
    categories = re.findall(r"'(\w+Logs)'", bicep.source("modules/diagnostics.bicep"))

    assert "AppServiceConsoleLogs" in categories
    assert "AppServiceHTTPLogs" not in categories
