"""What /metrics writes for who accepts OpenMetrics, as Prometheus does."""

import re
from collections.abc import AsyncIterator, Iterable

import aiohttp
import pytest
from prometheus_client import Metric, openmetrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import parser
from prometheus_client.parser import text_string_to_metric_families

from sandbox import seed
from tests.outside.scenarios import granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY
from tests.support.latchkey import Latchkey, RunWith

pytestmark = pytest.mark.in_memory

OPEN_METRICS = "application/openmetrics-text"
# What Prometheus 3 sends.
PROMETHEUS = (
    f"{OPEN_METRICS};version=1.0.0;escaping=allow-utf-8;q=0.6,{OPEN_METRICS};version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
DRILLS = {"DRILL_SECRET": seed.DRILL_SECRET, "DRILL_PRINCIPAL_ID": seed.CANARY.id}
_BASE_UNITS = {"", "seconds", "bytes"}
_OTHER_UNITS = ("milliseconds", "minutes", "hours", "days", "kilobytes", "megabytes", "percent")
_KINDS = ("counter", "gauge", "histogram", "summary")


@pytest.fixture
async def lived(run_with: RunWith, clock: ManualClock) -> AsyncIterator[Latchkey]:
    """A bot that has given access and taken it away, and has drilled."""
    async with run_with(DRILLS) as running:
        await granted(running)
        clock.advance(hours=2)
        await running.tick()
        await running.click(AVERY, await running.say(AVERY, "drill"), "Begin")
        await running.tick()
        clock.advance(minutes=2)
        await running.tick()
        yield running


async def scraped(bot: Latchkey, accept: str) -> tuple[str, str]:
    """Return the type and the text of the metrics."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{bot.url}/metrics", headers={"Accept": accept}) as response,
    ):
        return response.headers["Content-Type"], await response.text()


def read(text: str) -> list[Metric]:
    """Read OpenMetrics; raise ValueError for what is against its rules."""
    return list(parser.text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


def faults(families: Iterable[Metric]) -> list[str]:
    """Return what `promtool check metrics` would say of them."""
    found = []
    for one in families:
        names = {sample.name for sample in one.samples}
        unit = one.unit
        rules = {
            "has no help text": not one.documentation,
            "isn't lower-case": re.fullmatch(r"[a-z][a-z0-9_]*", one.name) is None,
            "has its kind in its name": one.name.endswith(_KINDS),
            "isn't in a base unit": one.name.endswith(_OTHER_UNITS) or unit not in _BASE_UNITS,
            "has a unit that isn't in its name": bool(unit) and not one.name.endswith(f"_{unit}"),
            "doesn't say its unit": not unit and one.name.endswith(("_seconds", "_bytes")),
            "counts without _total": one.type == "counter" and f"{one.name}_total" not in names,
            "has _total, and doesn't count": one.type != "counter" and one.name.endswith("_total"),
            "has _count, and is no histogram": one.type == "gauge"
            and one.name.endswith(("_count", "_sum", "_bucket")),
        }
        found += [f"{one.name} {fault}" for fault, holds in rules.items() if holds]
    return found


@pytest.mark.parametrize("accept", [OPEN_METRICS, PROMETHEUS, PROMETHEUS.upper()])
async def test_who_accepts_openmetrics_gets_it(latchkey: Latchkey, accept: str) -> None:
    kind, text = await scraped(latchkey, accept)

    assert kind == openmetrics.exposition.CONTENT_TYPE_LATEST
    assert text.endswith("# EOF\n")


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "text/plain;version=x", ""])
async def test_everybody_else_gets_prometheus_text(latchkey: Latchkey, accept: str) -> None:
    kind, text = await scraped(latchkey, accept)

    assert kind == CONTENT_TYPE_PLAIN_0_0_4
    assert "# EOF" not in text


async def test_it_can_be_read_and_keeps_to_the_conventions(lived: Latchkey) -> None:
    _, text = await scraped(lived, OPEN_METRICS)

    ours = {one.name: one for one in read(text) if one.name.startswith("latchkey_")}
    assert {"latchkey_drill_lateness_seconds", "latchkey_drills"} <= set(ours)
    assert {"latchkey_outbox_age_seconds", "latchkey_agenda_age_seconds"} <= set(ours)
    assert {"latchkey_drill_age_seconds", "latchkey_revocation_lateness_seconds"} <= set(ours)
    assert faults(ours.values()) == []


async def test_both_have_the_same_series(lived: Latchkey) -> None:
    _, text = await scraped(lived, OPEN_METRICS)
    _, older = await scraped(lived, "text/plain")

    series = [
        {sample.name for one in families for sample in one.samples if "latchkey" in sample.name}
        for families in (read(text), text_string_to_metric_families(older))
    ]
    assert series[0] == series[1]
    assert "latchkey_outbox_age_seconds" in series[0]
