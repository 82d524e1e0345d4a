"""Each dashboard asks for metrics, labels and values that exist, and adds up what may be added."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from domain.access.request import AccessEvent
from domain.checkpoints.checkpoints import CheckpointsEvent
from domain.rotation.rotation import RotationEvent
from services.workflow.journal import LATENESS_BOUNDS
from tests.infra import bicep, kql

ROOT = bicep.INFRA.parent
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
METRICS = RUNBOOK.partition("### Metrics")[2].partition("### Traces")[0]
NOW = METRICS.partition("**Current state.**")[2].partition("**Times and calls.**")[0]

_NAMED = re.findall(r"`(latchkey_\w+|target_info)(\{[^`]*\})?", METRICS)

# Each metric as Prometheus names it, with its labels, from the runbook.
LABELS: dict[str, set[str]] = {name: set() for name, _ in _NAMED}
for _name, _labels in _NAMED:
    LABELS[_name] |= set(re.findall(r"(\w+)=", _labels))
GAUGES = {name for name in LABELS if f"`{name}" in NOW}
HISTOGRAMS = {name for name in LABELS if re.search(r"_(duration|lateness)_seconds$", name)}

EVENTS = {
    "access": {str(event) for event in AccessEvent},
    "rotation": {str(event) for event in RotationEvent},
    "checkpoints": {str(event) for event in CheckpointsEvent},
}
VALUES = {
    "state": set(re.findall(r'state="(\w+)"', NOW)),
    "status": {"2xx", "3xx", "4xx", "5xx", "429", "none"},
    "outcome": {"succeeded", "failed"},
    "le": {str(bound) for bound in LATENESS_BOUNDS},
    "service_name": {"latchkey"},
    "workflow": set(EVENTS),
}

CODE = "".join(
    path.read_text(encoding="utf-8")
    for part in ("bot", "services")
    for path in (ROOT / part).rglob("*.py")
)

GRAFANA: dict[str, Any] = json.loads(bicep.source("dashboards/grafana.json"))
WORKBOOK: dict[str, Any] = json.loads(bicep.source("dashboards/workbook.json"))

_SELECTOR = re.compile(r"([a-z_]+)\{([^{}]*)\}(\[(?:\$__\w+|\d+[hd])\])?")
_MATCHER = re.compile(r'(\w+)(=~?)"([^"]*)"')
# What a query is reduced by, from the inside, until only V is left.
_REDUCTIONS = [
    (_SELECTOR, "V"),
    (re.compile(r"\b\d+(?:\.\d+)?\b"), "V"),
    (re.compile(r"\b(?:rate|increase)\(V\)"), "V"),
    (re.compile(r"\b(?:sum|max|count)(?: by \(\w+(?:, \w+)*\) )?\(V\)"), "V"),
    (re.compile(r"\bhistogram_quantile\(V, V\)"), "V"),
    (re.compile(r"V [*/] V"), "V"),
]


def panels() -> list[dict[str, Any]]:
    """Return the panels that ask something."""
    return [panel for panel in GRAFANA["panels"] if panel["type"] != "row"]


EXPRESSIONS = [target["expr"] for panel in panels() for target in panel["targets"]]
STEPS = {item["name"]: item["content"]["query"] for item in WORKBOOK["items"] if item["type"] == 3}


def selectors(expression: str) -> Iterator[tuple[str, dict[str, set[str]]]]:
    """Return the metrics of a query, each with its labels and the values that it asks for."""
    for name, matchers, _ in _SELECTOR.findall(expression):
        asked = _MATCHER.findall(matchers)
        assert matchers == ", ".join(f'{label}{how}"{value}"' for label, how, value in asked)
        yield name, {label: set(value.split("|")) for label, _, value in asked}


def metric_of(name: str) -> str:
    """Return the metric that a series belongs to."""
    base = re.sub(r"_(bucket|count|sum)$", "", name)
    return base if base in HISTOGRAMS else name


def in_the_workbook(metric: str) -> str:
    """Return a metric's name as the code has it: Prometheus adds the unit and total."""
    return metric if f'"{metric}"' in CODE else re.sub(r"_(total|seconds)$", "", metric)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_query_of_grafana_can_be_parsed(expression: str) -> None:
    reduced, before = expression, ""

    while reduced != before:
        before = reduced
        for pattern, replacement in _REDUCTIONS:
            reduced = pattern.sub(replacement, reduced)

    assert reduced == "V"


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_query_of_grafana_asks_for_what_exists(expression: str) -> None:
    asked = list(selectors(expression))

    assert asked
    for name, labels in asked:
        of_prometheus = {"job", *({"le"} if name.endswith("_bucket") else ())}
        known = LABELS[metric_of(name)] | of_prometheus
        assert set(labels) <= known
        assert [by for by in grouped_by(expression) if by not in known] == []
        allowed = VALUES | {"event": EVENTS.get(min(labels.get("workflow", {""})), set())}
        assert {"job": labels.pop("job")} == {"job": {"$job"}}
        assert {
            label: some - allowed[label] for label, some in labels.items() if some - allowed[label]
        } == {}


def grouped_by(expression: str) -> list[str]:
    """Return the labels that a query keeps."""
    return [
        label for found in re.findall(r"by \(([^)]+)\)", expression) for label in found.split(", ")
    ]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_totals_are_right_with_several_replicas(expression: str) -> None:
    """What each of them reads from the table isn't added up, what each counts is."""
    for name, _ in selectors(expression):
        before = expression[: expression.index(name)]
        if name in GAUGES:
            assert re.search(r"\bmax(?: by \([\w, ]+\) )?\($", before)
        elif name not in {"latchkey_breaker_open", "target_info"}:
            assert re.search(r"\bsum(?: by \([\w, ]+\) )?\((rate|increase)\($", before)


def test_the_queries_use_every_metric() -> None:
    used = {metric_of(name) for expression in EXPRESSIONS for name, _ in selectors(expression)}
    in_steps = {name for query in STEPS.values() for name in re.findall(r'"(latchkey_\w+)"', query)}

    assert set(LABELS) == used
    assert {in_the_workbook(name) for name in LABELS if name != "target_info"} <= in_steps


def test_grafana_11_imports_it() -> None:
    """Schema 39 is that of Grafana 11.0; later ones upgrade it: DashboardMigrator.ts."""
    places = Counter(
        (x, y)
        for panel in GRAFANA["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    )

    assert GRAFANA["schemaVersion"] == 39
    assert GRAFANA["id"] is None
    assert {panel["type"] for panel in panels()} == {"stat", "timeseries"}
    assert set(Counter(panel["id"] for panel in GRAFANA["panels"]).values()) == {1}
    assert set(places.values()) == {1}
    assert max(x for x, _ in places) < 24
    assert [panel["title"] for panel in panels() if not panel["title"]] == []


def test_its_data_source_and_its_deployment_can_be_chosen() -> None:
    datasource, job = GRAFANA["templating"]["list"]
    used = [panel["datasource"] for panel in panels()]
    used += [target["datasource"] for panel in panels() for target in panel["targets"]]

    assert (datasource["type"], datasource["query"]) == ("datasource", "prometheus")
    assert (job["name"], job["type"]) == ("job", "query")
    chosen = {"type": "prometheus", "uid": f"${{{datasource['name']}}}"}
    assert [one for one in [*used, job["datasource"]] if one != chosen] == []


@pytest.mark.parametrize("name", STEPS)
def test_a_query_of_the_workbook_asks_for_what_exists(name: str) -> None:
    query = STEPS[name]
    labels = {label for metric in LABELS.values() for label in metric}
    kinds = re.findall(r'workflow\) == "(\w+)"', query)

    assert kql.parse(query).tables == ("AppMetrics",)
    assert set(re.findall(r"Properties\.(\w+)", query)) <= labels
    assert [one for one in re.findall(r'"(latchkey_\w+)"', query) if f'"{one}"' not in CODE] == []
    events = re.findall(r'"(\w+)"', "".join(re.findall(r"Event in \((.+)\)", query)))
    assert set(events) <= {event for kind in kinds for event in EVENTS[kind]}


@pytest.mark.parametrize("name", STEPS)
def test_totals_of_the_workbook_are_right_with_several_replicas(name: str) -> None:
    asked = set(re.findall(r'"(latchkey_\w+)"', STEPS[name]))

    if asked & {in_the_workbook(gauge) for gauge in GAUGES}:
        assert "max(Sum)" in STEPS[name]
        assert "sum(" not in STEPS[name]
    elif name not in {"version", "breakers"}:
        assert "sum(" in STEPS[name]


def test_the_workbooks_items_have_names_of_their_own() -> None:
    names = Counter(item["name"] for item in WORKBOOK["items"])
    [parameters] = [item["content"] for item in WORKBOOK["items"] if item["type"] == 9]

    assert WORKBOOK["version"] == "Notebook/1.0"
    assert set(names.values()) == {1}
    assert [one["name"] for one in parameters["parameters"]] == ["TimeRange"]
    assert set(re.findall(r"\{(\w+)", "".join(STEPS.values()))) == {"TimeRange"}


def test_infra_has_the_workbook_where_it_has_the_metrics() -> None:
    module = bicep.source("modules/workbook.bicep")

    assert "module workbook 'modules/workbook.bicep' = if (withTelemetry) {" in bicep.source(
        "main.bicep"
    )
    assert "loadJsonContent('../dashboards/workbook.json')" in module
    assert "fallbackResourceIds: [workspaceId]" in module
