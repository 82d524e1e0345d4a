"""A bot with 10,000 open requests: how fast it starts, and how much memory it takes."""

import compileall
import json
import statistics
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from bench.goals import Goal, at_most, show
from bench.setup.contender import Contender
from bench.setup.lives import Lives
from bench.setup.sending import Load
from bench.setup.surroundings import Surroundings, a_world, crowd, running_surroundings
from bench.setup.tables import running_tables
from scripts import paths
from scripts.release import bundles
from tests.support.deployment import AVERY
from tests.support.sandbox import now
from tests.support.teams import Person, a_message

OPEN = 10_000
ACTIVE = 1_000
PEOPLE = 1_000
STARTS = 3
TYPED = ("help", "my access", "approvals", "stuck", "doctor", "report", "history")
"""What people ask for before the memory is measured: lists and sums over what is open."""


async def many_open(number: int = OPEN, active: int = ACTIVE) -> list[Goal]:
    """Start the bot on a table with many open requests, and use it."""
    _compile()
    people = crowd(PEOPLE)
    with tempfile.TemporaryDirectory() as directory:
        async with running_surroundings(
            Path(directory), a_world(people), running_tables()
        ) as around:
            empty = [await _starts(around, f"empty-{each}") for each in range(STARTS)]
            rows = await _fill(around, people, number, active)
            full = [await _starts(around, f"full-{each}") for each in range(STARTS)]
            bot = Contender("app", around.for_latchkey(), around.directory, alone=False)
            try:
                await bot.start_until_ready()
                await bot.come_to_rest()
                idle = bot.memory()
                await _use(bot, around)
                used = bot.memory()
            finally:
                await bot.stop()
    return show(
        f"{number:,} open requests, {active:,} of them with access: {rows:,} rows",
        *_start_goals("nothing open", empty),
        *_start_goals("all open", full),
        at_most("memory after the start", idle / 2**20, 200, " MB", 0),
        at_most("memory after use", used / 2**20, 200, " MB", 0),
    )


def _compile() -> None:
    """Compile the code, as it is where it is deployed; else each start would do it anew."""
    for part in bundles.PARTS:
        path = paths.ROOT / part
        if path.is_dir():
            compileall.compile_dir(path, quiet=1)
        elif path.suffix == ".py":
            compileall.compile_file(path, quiet=1)


def _start_goals(name: str, starts: list[tuple[float, float]]) -> list[Goal]:
    seconds, processor = (statistics.median(each) for each in zip(*starts, strict=True))
    return [
        at_most(f"start to ready, {name}", seconds, 3, " s"),
        Goal("  its processor time", "", f"{processor:.2f} s", held=True),
    ]


async def _starts(around: Surroundings, name: str) -> tuple[float, float]:
    """Start it once; return the seconds until it was ready, and its processor time until then."""
    bot = Contender("app", around.for_latchkey(), around.directory, name, alone=False)
    try:
        return await bot.start_until_ready(), bot.cpu_seconds()
    finally:
        await bot.stop()


async def _fill(around: Surroundings, people: tuple[Person, ...], number: int, active: int) -> int:
    lives, at = Lives(around, people), now()
    apart = timedelta(hours=1) / max(active, 1)
    await lives.add_active([at + timedelta(hours=1) + each * apart for each in range(active)])
    await lives.add_pending(number - active, at)
    return await lives.write()


async def _use(bot: Contender, around: Surroundings) -> None:
    load = Load(bot.url, around.outside.mint.token())
    for text in TYPED:
        bodies = _said(text, around.outside.service_url)
        await load.run(bodies, 1, 0, lambda status, _: status == HTTPStatus.OK)
    await bot.come_to_rest()


def _said(text: str, service_url: str) -> Iterator[bytes]:
    yield json.dumps({"serviceUrl": service_url} | a_message(text, AVERY)).encode()
