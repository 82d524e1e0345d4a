"""Minutes of mixed traffic: nothing that the bot holds grows."""

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import count
from pathlib import Path

import aiohttp

from bench.goals import Goal, show
from bench.setup.contender import Contender
from bench.setup.lives import Lives
from bench.setup.plans import confirming
from bench.setup.sending import PATIENCE
from bench.setup.surroundings import Surroundings, a_world, crowd, running_surroundings
from bench.setup.tables import running_tables
from bench.trend import Trend
from bot.ids import request_id_of
from bot.transport.activity_facts import ActivityFacts
from bot.transport.inbound.incoming import deserialised
from cards.kit import verbs
from sandbox import seed
from tests.outside.rotation_scenarios import VARIABLES
from tests.support.deployment import AVERY
from tests.support.sandbox import now
from tests.support.teams import Json, Person, a_message, an_execute

MINUTES = 10.0
WARM_UP = 0.5
"""The share of the time that isn't counted: connections open, and caches fill.

The last 512 answers are remembered, for what Teams delivers twice. So many take four minutes.
"""
GROWTH = 0.02
"""By how much memory may grow, as a share of it; it is measured with noise."""

_COUNTED = 3
"""By how much the lowest number of something may grow, as it depends on what is under way."""
_PEOPLE = 8
_ALREADY_OPEN = 500
"""Requests that are open already: lists and reports read as much at the start as at the end."""
_SAMPLE_SECONDS = 2.0
_THINK_SECONDS = 1.0
_ROTATE_SECONDS = 20.0
_ENVIRONMENT = {**VARIABLES, "MIN_ACCESS_MINUTES": "1", "ROTATION_OVERLAP_HOURS": "0.001"}


@dataclass
class Samples:
    """What was measured of the bot, at equal intervals."""

    series: dict[str, list[float]] = field(default_factory=dict)

    def add(self, **values: float) -> None:
        """Add one measurement of each."""
        for name, value in values.items():
            self.series.setdefault(name, []).append(value)

    def trend(self, name: str) -> Trend:
        """Return the trend after the warm-up."""
        values = self.series[name]
        return Trend(values[round(WARM_UP * len(values)) :])


async def soak(minutes: float = MINUTES) -> list[Goal]:
    """Send mixed traffic for this long, and look at what the bot holds."""
    people = crowd(_PEOPLE + 1_000)
    with tempfile.TemporaryDirectory() as directory:
        async with running_surroundings(
            Path(directory), a_world(people), running_tables()
        ) as around:
            around = replace(around, variables=_ENVIRONMENT)
            lives = Lives(around, people[_PEOPLE:])
            await lives.add_pending(_ALREADY_OPEN, now())
            await lives.write()
            bot = Contender("bench.programs.soaked", around.for_latchkey(), around.directory)
            try:
                await bot.start_until_ready()
                samples, done = await _soaked(around, bot, people[:_PEOPLE], minutes * 60)
            finally:
                await bot.stop()
    said = ", ".join(f"{number} {what}" for what, number in sorted(done.items()))
    return show(f"{minutes:g} minutes of traffic ({said})", *_goals(samples))


def _goals(samples: Samples) -> Iterator[Goal]:
    memory = samples.trend("memory")
    yield Goal(
        "memory, growth",
        f"≤ {100 * GROWTH:.0f} %",
        f"{100 * memory.share:.1f} % ({memory.values[0]:.0f} to {memory.values[-1]:.0f} MB)",
        memory.share <= GROWTH,
    )
    blocks = samples.trend("blocks")
    lowest = min(blocks.values)
    yield Goal(
        "  in use: blocks, growth of the lowest",
        f"≤ {100 * GROWTH:.0f} %",
        f"{100 * blocks.floor_growth / lowest:+.1f} % ({lowest:,.0f} to {max(blocks.values):,.0f})",
        blocks.floor_growth <= GROWTH * lowest,
    )
    for name in ("tasks", "sockets", "descriptors"):
        trend = samples.trend(name)
        span = f"{min(trend.values):.0f} to {max(trend.values):.0f}"
        measured = f"{trend.floor_growth:+.0f} ({span})"
        most = max(_COUNTED, GROWTH * min(trend.values))
        yield Goal(
            f"{name}, growth of the lowest", f"≤ {most:.0f}", measured, trend.floor_growth <= most
        )


async def _soaked(
    around: Surroundings, bot: Contender, people: tuple[Person, ...], seconds: float
) -> tuple[Samples, Counter[str]]:
    samples, traffic = Samples(), _Traffic(around, bot)
    async with traffic.open():
        tasks = [
            *(asyncio.create_task(traffic.live(person)) for person in people),
            asyncio.create_task(traffic.rotate()),
            asyncio.create_task(traffic.look()),
        ]
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until and not any(task.done() for task in tasks):
                await _sample(bot, samples)
                await asyncio.sleep(_SAMPLE_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
    return samples, traffic.done


async def _sample(bot: Contender, samples: Samples) -> None:
    usage, holdings = bot.usage(), await bot.holdings()
    samples.add(
        memory=bot.memory() / 2**20,
        blocks=holdings.blocks,
        tasks=holdings.tasks,
        sockets=len(usage.net_connections()),
        descriptors=usage.num_fds(),
    )


class _Traffic:
    """What people do, each after the other."""

    def __init__(self, around: Surroundings, bot: Contender) -> None:
        self._around = around
        self._bot = bot
        self._numbers = count()
        self.done: Counter[str] = Counter()

    def open(self) -> aiohttp.ClientSession:
        """Open the connections, for the time of a block."""
        self._session = aiohttp.ClientSession(timeout=PATIENCE)
        return self._session

    async def live(self, person: Person) -> None:
        """Ask for access, have it decided, extend it and give it back, again and again."""
        for number in count():
            await self._type(person, "help")
            asked = await self._type(
                person, f"request secret {seed.DEMO_API_KEY} for 10m because of the soak"
            )
            request_id = request_id_of(ActivityFacts(deserialised(asked)))
            await asyncio.sleep(_THINK_SECONDS)
            if number % 4 == 3:
                await self._type(AVERY, f"deny {request_id} because of the soak")
                continue
            decided = await self._click(verbs.APPROVE, {verbs.REQUEST: request_id})
            assert b"vnd.microsoft.card.adaptive" in decided, decided[:200]
            await asyncio.sleep(3 * _THINK_SECONDS)
            await self._type(person, f"extend {request_id} 5m")
            await self._type(person, "my access")
            await asyncio.sleep(_THINK_SECONDS)
            await self._type(person, f"revoke {request_id}")
            await asyncio.sleep(_THINK_SECONDS)

    async def rotate(self) -> None:
        """Rotate a secret now and then, unless a busy machine still rotates it."""
        while True:
            letters = f"{next(self._numbers):010}"
            data = confirming(self._around, f"rot-{letters}", seed.APP_API_KEY)
            await self._click(verbs.ROTATION_CONFIRM, data)
            await asyncio.sleep(_ROTATE_SECONDS)

    async def look(self) -> None:
        """Look at lists and sums, as an admin."""
        while True:
            for text in ("report", "approvals", "stuck", "history", "rotations"):
                await self._type(AVERY, text)
                await asyncio.sleep(4 * _THINK_SECONDS)

    async def _type(self, person: Person, text: str) -> Json:
        message = {"serviceUrl": self._around.outside.service_url} | a_message(text, person)
        await self._post(message, text.split(maxsplit=1)[0])
        return message

    async def _click(self, verb: str, data: Json) -> bytes:
        click = an_execute(verb, data, AVERY)
        return await self._post({"serviceUrl": self._around.outside.service_url} | click, verb)

    async def _post(self, activity: Json, what: str) -> bytes:
        token = self._around.outside.mint.token()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        async with self._session.post(
            self._bot.url, data=json.dumps(activity), headers=headers
        ) as answer:
            body = await answer.read()
            assert answer.status in (HTTPStatus.OK, HTTPStatus.ACCEPTED), (answer.status, body)
        self.done[what] += 1
        return body
