"""What a trace shows of a click, when Application Insights is configured."""

from contextlib import AsyncExitStack

import pytest
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from composition import root
from composition.telemetry import Telemetry
from config import Settings
from tests.outside.scenarios import granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Return what the bot's spans are sent to, in place of Application Insights."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    def telemetry(_: Settings, __: AsyncExitStack) -> Telemetry:
        return Telemetry(NoOpMeter("tests"), provider.get_tracer("tests"))

    monkeypatch.setattr(root, "compose_telemetry", telemetry)
    return exporter


def path_to(span: ReadableSpan, spans: tuple[ReadableSpan, ...]) -> list[str]:
    """Return the names of the spans above one, and its own, without ports."""
    above = [one for one in spans if span.parent and one.context.span_id == span.parent.span_id]
    name = span.name.partition(":")[0]
    return [*(path_to(above[0], spans) if above else []), name]


async def test_a_trace_leads_from_a_click_to_the_calls_that_give_access(
    exporter: InMemorySpanExporter, latchkey: Latchkey, clock: ManualClock
) -> None:
    latchkey.sandbox.break_next(refusing("PUT", "roleAssignments", 503, times=1))
    await granted(latchkey)
    clock.advance(minutes=1)
    await latchkey.tick()

    spans = exporter.get_finished_spans()
    puts = [one for one in spans if path_to(one, spans)[-2:] == ["grant", "PUT localhost"]]
    statuses = [(one.attributes or {})["http.response.status_code"] for one in puts]
    assert path_to(puts[0], spans) == ["turn", "grant", "PUT localhost"]
    assert statuses == [503, 201]
    assert [one.status.is_ok for one in puts] == [False, True]


async def test_what_falls_due_begins_a_trace_of_its_own(
    exporter: InMemorySpanExporter, latchkey: Latchkey, clock: ManualClock
) -> None:
    seen = await granted(latchkey)
    exporter.clear()
    clock.advance(hours=2)
    await latchkey.tick()

    spans = exporter.get_finished_spans()
    moves = [one for one in spans if one.name == "revoke"]
    assert [path_to(one, spans) for one in moves] == [["revoke"]]
    assert [str((one.attributes or {})["correlation_id"]) in seen.words for one in moves] == [True]
    assert ["revoke", "DELETE localhost"] in [path_to(one, spans) for one in spans]


async def test_no_span_names_a_person_or_a_secret(
    exporter: InMemorySpanExporter, latchkey: Latchkey
) -> None:
    await granted(latchkey)

    told = " ".join(one.to_json() for one in exporter.get_finished_spans())
    assert "turn" in told
    named = (DANA.name, DANA.object_id, AVERY.object_id, "demo-api-key")
    assert [one for one in named if one in told] == []
