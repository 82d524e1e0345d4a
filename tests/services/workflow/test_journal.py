"""Events in logs and metrics."""

import importlib
import logging
import pkgutil
from enum import StrEnum

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    HistogramDataPoint,
    InMemoryMetricReader,
    NumberDataPoint,
)

import domain
from domain.access.transitions import changes as change
from services.workflow.journal import Journal
from tests.cards.drill_scenarios import REFUSED, SUCCEEDED
from tests.support.builders import ADA, BO, a_request
from tests.support.clock import NINE

EVENT_KINDS = [
    value
    for module in pkgutil.walk_packages(domain.__path__, "domain.")
    for name, value in vars(importlib.import_module(module.name)).items()
    if name.endswith("Event") and isinstance(value, type) and issubclass(value, StrEnum)
]
"""All enums of events in the rules."""


@pytest.fixture
def reader() -> InMemoryMetricReader:
    return InMemoryMetricReader()


@pytest.fixture
def journal(reader: InMemoryMetricReader) -> Journal:
    return Journal(MeterProvider(metric_readers=[reader]).get_meter("tests"))


def _counts(reader: InMemoryMetricReader) -> dict[str, float]:
    data = reader.get_metrics_data()
    assert data is not None
    metrics = {one.name: one for one in data.resource_metrics[0].scope_metrics[0].metrics}
    return {
        " ".join(str(value) for value in point.attributes.values()): point.value
        for point in metrics["latchkey_events"].data.data_points
        if isinstance(point, NumberDataPoint) and point.attributes
    }


def test_each_event_is_logged_with_its_correlation_id(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "latchkey.events")

    journal.write(change.approve(a_request(), ADA, NINE))
    journal.write(change.lapse(a_request(), NINE))

    assert caplog.messages == [
        f"approved by {ADA.object_id}",
        "lapsed by latchkey",
    ]
    assert [record.__dict__["correlation_id"] for record in caplog.records] == ["req-one"] * 2
    assert [record.__dict__["event"] for record in caplog.records] == ["approved", "lapsed"]
    assert {record.__dict__["workflow"] for record in caplog.records} == {"access"}


def test_events_are_counted_by_kind(journal: Journal, reader: InMemoryMetricReader) -> None:
    journal.write(change.approve(a_request(), ADA, NINE))
    journal.write(change.approve(a_request(), BO, NINE))
    journal.write(change.lapse(a_request(), NINE))

    counted = {name: count for name, count in _counts(reader).items() if count}
    assert counted == {"access approved": 2, "access lapsed": 1}


@pytest.mark.usefixtures("journal")
def test_every_event_is_counted_from_zero(reader: InMemoryMetricReader) -> None:
    counts = _counts(reader)

    events = {str(event) for kind in EVENT_KINDS for event in kind}
    assert {name.partition(" ")[2] for name in counts} == events
    assert set(counts.values()) == {0}


def test_text_written_by_people_is_not_logged(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "latchkey.events")

    journal.write(change.submit(a_request(justification="the password is hunter2")))
    journal.write(change.deny(a_request(), ADA, "ask for hunter2 yourself", NINE))

    assert "hunter2" not in caplog.text
    assert ADA.name not in caplog.text


def test_drills_are_counted_by_outcome_and_measured_apart_from_access(
    journal: Journal, reader: InMemoryMetricReader
) -> None:
    for drill in (SUCCEEDED, REFUSED):
        journal.write(drill)

    data = reader.get_metrics_data()
    assert data is not None
    metrics = {one.name: one for one in data.resource_metrics[0].scope_metrics[0].metrics}
    outcomes = {
        str(point.attributes["outcome"]): point.value
        for point in metrics["latchkey_drills"].data.data_points
        if isinstance(point, NumberDataPoint) and point.attributes
    }
    late = [
        (point.count, round(point.sum, 1))
        for point in metrics["latchkey_drill_lateness"].data.data_points
        if isinstance(point, HistogramDataPoint)
    ]
    assert outcomes == {"succeeded": 1, "failed": 1}
    assert late == [(1, 0.4)]
    assert "latchkey_revocation_lateness" not in metrics
