"""The cost of a turn: this bot compared with echo bots on Microsoft's SDKs, and with no bot at all.

All are measured in one run with interleaved rounds, with authentication, each on its own core and
the services around it on another. Ratios are comparable across machines; seconds aren't.
"""

import platform
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.goals import Goal, at_least, show
from bench.measured import Measured
from bench.setup import cores
from bench.setup.outside import Latency
from bench.setup.sending import Load
from bench.setup.stage import AGENTS_SDK, Stage, running_stage
from bench.setup.tracks import Track, tracks

_HEAD = ("", "turns/s", "p50 ms", "p95 ms", "CPU ms", "RSS MB", "÷ bare", "÷ stock", "÷ Agents")
_BARE, _HELP = "bare aiohttp handler", "Latchkey, help"
_ROW = "  {:<25}" + "{:>9}" * (len(_HEAD) - 1)


@dataclass(frozen=True)
class Setting:
    """The latency and the number of connections for one table."""

    name: str
    latency: Latency
    connections: int
    least: float
    """How fast a `help` has to be, as a share of the bare handler's speed."""


SETTINGS = (
    Setting("no latency", Latency(), 16, 0.45),
    Setting("connector 100 ms, Entra 50 ms", Latency(connector=0.1, entra=0.05), 64, 0.85),
)


async def main(rounds: int = 5, seconds: float = 3.0) -> list[Goal]:
    """Measure all tracks under every setting, and print a table for each."""
    cores.pin(0, cores.OTHERS)
    print(
        f"turns, {rounds} interleaved rounds of {seconds:g} s, Python {platform.python_version()}"
    )
    if not cores.can_pin():
        print("  on shared cores: the measured bot competes with the services around it")
    if not AGENTS_SDK:
        print("  without the Agents SDK: requirements-bench.txt isn't installed")
    goals: list[Goal] = []
    with tempfile.TemporaryDirectory() as directory:
        async with running_stage(Path(directory)) as stage:
            for setting in SETTINGS:
                print(f"\n  {setting.name}, {setting.connections} connections\n")
                measured = await compare(stage, setting, rounds, seconds)
                print(table(measured))
                ratio = measured[_HELP].times(measured[_BARE])
                share = at_least("help, as a share of the bare handler", ratio, setting.least)
                goals += show(setting.name, share)
    return goals


async def compare(
    stage: Stage, setting: Setting, rounds: int, seconds: float
) -> dict[str, Measured]:
    """Measure every track with a running contender, in interleaved rounds; return them by label."""
    stage.outside.latency = setting.latency
    present = [track for track in tracks() if track.contender in stage.contenders]
    measured = {track.label: Measured(track.label) for track in present}
    for _ in range(rounds):
        for track in present:
            await _measure(stage, setting, track, seconds, measured[track.label])
    return measured


async def _measure(
    stage: Stage, setting: Setting, track: Track, seconds: float, measured: Measured
) -> None:
    contender, outside = stage.contenders[track.contender], stage.outside
    load = Load(contender.url, outside.mint.token())
    bodies = track.bodies(outside.service_url)
    # Not counted: connections have to be reopened after the other tracks' rounds.
    await load.run(bodies, setting.connections, 0, track.is_good)
    await contender.come_to_rest()
    before = contender.cpu_seconds()
    run = await load.run(bodies, setting.connections, seconds, track.is_good)
    await contender.come_to_rest()
    measured.add(run, contender.cpu_seconds() - before, contender.memory())


def table(measured: dict[str, Measured]) -> str:
    """Format the measurements, one line per track."""
    return "\n".join([_ROW.format(*_HEAD), *(_line(one, measured) for one in measured.values())])


def _line(one: Measured, everyone: dict[str, Measured]) -> str:
    yardsticks = (_BARE, "stock CloudAdapter, echo", "Agents SDK, echo")
    ratios = (f"{one.times(everyone[of]):.2f}" if of in everyone else "-" for of in yardsticks)
    return _ROW.format(
        one.label,
        f"{one.rate:,.1f}",
        f"{one.latency(50) * 1000:.1f}",
        f"{one.latency(95) * 1000:.1f}",
        f"{one.cpu * 1000:.2f}",
        f"{one.memory / 2**20:.0f}",
        *ratios,
    )
