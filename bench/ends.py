"""Access that ends: how many grants end how fast, and how late each of them."""

import asyncio
import statistics
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from bench.goals import Goal, at_least, at_most, show
from bench.setup.lives import Lives
from bench.setup.modes import Mode
from bench.setup.surroundings import Surroundings, a_world, crowd, running_surroundings
from sandbox.throttle import RATES, Throttle

GRANTS = 1_000
PENDING = 10_000
"""How many requests wait for a decision while grants end at once."""
LEAD = timedelta(seconds=60)
"""How long before the first end everything is stored and the replicas are started."""

OVER_REPLICAS = 300
ARM_SECONDS = 1.0
"""How long Azure takes to answer where replicas are compared: what they share must not be full."""

_ARM = "/providers/microsoft.authorization/roleassignments/"
_POLL_SECONDS = 0.1


class Unthrottled(Throttle):
    """No limit at all."""

    def spend(self, method: str, principal_id: str, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the throttle's shape
        return {}


@dataclass(frozen=True)
class Granted:
    """Access that exists, in the table and in Azure."""

    mode: Mode
    around: Surroundings
    due: Mapping[str, datetime]
    """When each assignment has to end, by its name."""
    rows: int
    """How many there are in the table."""


@dataclass(frozen=True)
class Ended:
    """How access ended: how late each, in seconds, and what Azure Resource Manager answered."""

    lateness: tuple[float, ...]
    seconds: float
    """From the first end that was due to the last deletion."""
    calls: int
    refused: int

    def late(self, percent: int) -> float:
        """Return a percentile of the lateness."""
        return statistics.quantiles(self.lateness, n=100)[percent - 1]


@asynccontextmanager
async def granted(
    mode: Mode,
    ends: Sequence[timedelta],
    throttle: Throttle,
    latency: float = 0,
    *,
    pending: int = 0,
) -> AsyncIterator[Granted]:
    """Run what is around a bot, with access that ends at these times after ``LEAD``."""
    people = crowd(len(ends))
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        around = await stack.enter_async_context(
            running_surroundings(directory, a_world(people), mode.tables(), mode.clock)
        )
        lives, first = Lives(around, people), mode.clock() + LEAD
        due = await lives.add_active([first + each for each in ends])
        await lives.add_pending(pending, mode.clock())
        rows = await lives.write()
        around.state.throttle = throttle
        around.state.knobs.latency_seconds = latency
        yield Granted(mode, around, due, rows)


async def end_all(granted: Granted, replicas: int = 1, *, limited: bool = True) -> Ended:
    """Let replicas end all access; Azure's clock says when."""
    mode, around, due = granted.mode, granted.around, granted.due
    assignments, first = around.state.assignments, min(due.values())
    async with AsyncExitStack() as stack:
        for number in range(replicas):
            bot = (mode.replica if limited else mode.unlimited)(around, number)
            stack.push_async_callback(bot.stop)
            await bot.start_until_ready()
        left = (first - mode.clock()).total_seconds()
        assert left > 0, "the machine is too slow: access ended before the replicas started"
        await asyncio.sleep(left)
        around.state.log = deque()
        while due.keys() & {name for _, name in assignments.live}:  # noqa: ASYNC110 - Azure sends no event
            await asyncio.sleep(_POLL_SECONDS)
    gone = {one.name: at for one, at in assignments.deleted}
    calls = [one for one in around.state.log if _ARM in one.path.lower()]
    return Ended(
        tuple((gone[name] - at).total_seconds() for name, at in due.items()),
        (max(gone.values()) - first).total_seconds(),
        len(calls),
        sum(one.status == HTTPStatus.TOO_MANY_REQUESTS for one in calls),
    )


async def at_once(mode: Mode, grants: int = GRANTS, pending: int = PENDING) -> list[Goal]:
    """End many grants that are due in the same second, under ARM's throttle."""
    ends = _over(timedelta(seconds=1), grants)
    async with granted(mode, ends, Throttle(), pending=pending) as made:
        ended = await end_all(made)
    rate = RATES["deletes"]
    allowed = (grants - rate.burst) / rate.per_second
    return show(
        f"{grants:,} grants due in one second, {pending:,} pending, one replica, {mode.name}",
        at_most(f"seconds, of {allowed:.0f} that ARM allows", ended.seconds, 1.1 * allowed),
        at_most(f"answered 429, of {ended.calls:,}", 100 * ended.refused / ended.calls, 2, " %"),
    )


async def by_replicas(mode: Mode, grants: int = OVER_REPLICAS) -> list[Goal]:
    """End the same grants with one replica and with two, without a throttle."""
    seconds = []
    for replicas in (1, 2):
        due = _over(timedelta(seconds=1), grants)
        async with granted(mode, due, Unthrottled(), ARM_SECONDS) as made:
            seconds.append((await end_all(made, replicas, limited=False)).seconds)
    return show(
        f"{grants:,} grants due in one second, {ARM_SECONDS:g} s a call, no throttle, {mode.name}",
        Goal("one replica", "", f"{seconds[0]:.1f} s", held=True),
        Goal("two replicas", "", f"{seconds[1]:.1f} s", held=True),
        at_least("times as fast", seconds[0] / seconds[1], 1.7),
    )


async def spread_out(mode: Mode, minutes: float = 10) -> list[Goal]:
    """End 100 grants a minute, under ARM's throttle, and measure how late each is."""
    due = _over(timedelta(minutes=minutes), round(minutes * GRANTS / 10))
    async with granted(mode, due, Throttle()) as made:
        ended = await end_all(made)
    return show(
        f"{len(due):,} grants due over {minutes:g} minutes, one replica, {mode.name}",
        Goal("late, median", "", f"{ended.late(50):.2f} s", held=True),
        at_most("late, 99 %", ended.late(99), 1, " s"),
        Goal("late, most", "", f"{max(ended.lateness):.2f} s", held=True),
    )


def _over(span: timedelta, number: int) -> list[timedelta]:
    return [span * each / number for each in range(number)]
