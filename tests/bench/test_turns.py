"""The benchmark of turns measures what it claims to; speed itself isn't tested."""

from pathlib import Path

import pytest

from bench import turns
from bench.measured import Measured
from bench.setup.outside import Latency
from bench.setup.sending import Run
from bench.setup.stage import running_stage

ONCE = turns.Setting("once", Latency(connector=0.01, entra=0.01), connections=2, least=0)


def measured(label: str, *runs: Run) -> Measured:
    """Return measurements of rounds with 0.1 s of processor time and 50 MB each."""
    one = Measured(label)
    for run in runs:
        one.add(run, 0.1, 50 * 2**20)
    return one


@pytest.mark.chaos
async def test_every_contender_answers_every_kind_of_turn(tmp_path: Path) -> None:
    async with running_stage(tmp_path) as stage:
        found = await turns.compare(stage, ONCE, rounds=1, seconds=0)

    echoes = {"bare aiohttp handler", "stock CloudAdapter, echo"}
    ours = {"Latchkey, help", "Latchkey, request …", "Latchkey, Approve"}
    assert echoes | ours <= set(found)
    assert all(len(run.latencies) >= 1 for one in found.values() for run in one.runs)
    # Any track that calls the connector has waited for it.
    assert found["Latchkey, help"].latency(50) > 0.01


def test_a_ratio_is_the_median_over_rounds() -> None:
    fast = measured("fast", Run((0.1,) * 10, 1.0), Run((0.1,) * 80, 1.0), Run((0.1,) * 30, 1.0))
    slow = measured("slow", Run((0.1,) * 10, 1.0), Run((0.1,) * 10, 1.0), Run((0.1,) * 10, 1.0))

    assert fast.rate == pytest.approx(30)
    assert fast.times(slow) == pytest.approx(3)


def test_latencies_cover_all_rounds_together() -> None:
    one = measured("one", Run((0.1, 0.2), 1.0), Run((0.3, 0.4), 1.0))

    assert one.latency(50) == pytest.approx(0.3)
    assert one.latency(95) == pytest.approx(0.4)


def test_the_table_has_a_line_per_track_and_a_dash_for_missing_ones() -> None:
    bare = measured("bare aiohttp handler", Run((0.01,) * 100, 1.0))
    bot = measured("Latchkey, help", Run((0.02,) * 50, 1.0))

    head, *lines = turns.table({one.label: one for one in (bare, bot)}).splitlines()

    assert head.split()[:1] == ["turns/s"]
    assert lines[0].split()[-8:] == ["100.0", "10.0", "10.0", "1.00", "50", "1.00", "-", "-"]
    assert lines[1].split()[-8:] == ["50.0", "20.0", "20.0", "2.00", "50", "0.50", "-", "-"]
