"""What a Prometheus sees on /metrics."""

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from scripts.release.app_package import version
from tests.outside.scenarios import granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import DANA
from tests.support.latchkey import Latchkey

Samples = Mapping[tuple[str, ...], float]

HISTOGRAMS = {
    "latchkey_turn_duration_seconds",
    "latchkey_call_duration_seconds",
    "latchkey_revocation_lateness_seconds",
}


async def samples(bot: Latchkey, name: str, *labels: str) -> Samples:
    """Return a metric's samples by the values of these labels."""
    _, body = await bot.get("/metrics")
    return {
        tuple(sample.labels[label] for label in labels): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
        if sample.name == name
    }


async def test_each_metric_is_named_by_convention_and_explained(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(hours=2)
    await latchkey.tick()

    _, body = await latchkey.get("/metrics")
    found = {one.name: one for one in text_string_to_metric_families(body)}
    ours = {name: one for name, one in found.items() if name.startswith("latchkey_")}
    kinds = {name for name, one in ours.items() if one.type == "histogram"}
    assert kinds == HISTOGRAMS
    assert [name for name in kinds if not name.endswith("_seconds")] == []
    assert [name for name, one in ours.items() if not one.documentation] == []
    assert {one.type for one in ours.values()} <= {"counter", "gauge", "histogram"}
    counted = {
        sample.name for one in ours.values() if one.type == "counter" for sample in one.samples
    }
    assert "latchkey_events_total" in counted
    assert [name for name in counted if not name.endswith(("_total", "_created"))] == []


async def test_the_version_that_runs_is_named(latchkey: Latchkey) -> None:
    told = await samples(latchkey, "target_info", "service_name", "service_version")

    assert told == {("latchkey", version()): 1.0}


async def test_turns_and_calls_are_measured_by_status(latchkey: Latchkey) -> None:
    latchkey.sandbox.break_next(refusing("PUT", "roleAssignments", 429, times=1))
    await granted(latchkey)

    turns = await samples(latchkey, "latchkey_turn_duration_seconds_count", "status")
    calls = await samples(latchkey, "latchkey_call_duration_seconds_count", "dependency", "status")
    assert turns == {("2xx",): 2.0}
    assert {"2xx", "429"} <= {status for _, status in calls} <= {"2xx", "4xx", "429"}
    assert sum(count for (_, status), count in calls.items() if status == "429") == 1.0
    assert len({dependency for dependency, _ in calls}) > 2


async def test_how_late_access_ended_is_measured(latchkey: Latchkey, clock: ManualClock) -> None:
    await granted(latchkey)
    clock.advance(hours=2, seconds=40)
    await latchkey.tick()

    name = "latchkey_revocation_lateness_seconds"
    assert await samples(latchkey, f"{name}_sum") == {(): 40.0}
    assert (await samples(latchkey, f"{name}_bucket", "le"))["30.0",] == 0.0
    assert (await samples(latchkey, f"{name}_bucket", "le"))["60.0",] == 1.0


async def test_open_grants_are_counted_until_they_end(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    during = await samples(latchkey, "latchkey_grants_open")
    clock.advance(hours=2)
    await latchkey.tick()
    clock.advance(minutes=1)  # gauges are read twice a minute

    assert during == {(): 1.0}
    assert await samples(latchkey, "latchkey_grants_open") == {(): 0.0}


async def test_a_service_that_keeps_failing_is_shown(latchkey: Latchkey) -> None:
    latchkey.sandbox.break_next(refusing("GET", "/secrets/", 500))
    for _ in range(6):
        await latchkey.say(DANA, "request secret demo-api-key for 2h because smoke test")

    opened = await samples(latchkey, "latchkey_breaker_open", "dependency")
    held_back = await samples(latchkey, "latchkey_calls_not_sent_total", "dependency")
    failing = [dependency for dependency, is_open in opened.items() if is_open]
    assert failing == [dependency for dependency, count in held_back.items() if count]
    assert len(held_back) == len(opened) > len(failing) == 1
