"""Concurrency limits and a circuit breaker for each dependency.

A dependency is anything that can fail alone: a vault, an app, Azure Resource Manager, Graph. Each
has places per lane (``services.workflow.lanes``), so one that hangs doesn't hold up the others. If
one keeps failing, its breaker opens: nothing is sent for a while, then one call probes it.
Ending access has its own places, waits for them longer, and isn't stopped by any breaker.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from opentelemetry.metrics import CallbackOptions, Meter, NoOpMeter, Observation

from services.answer_time import seconds_left
from services.azure.calls.arm_limits import ArmLimits
from services.faults import Unavailable
from services.workflow.lanes import Lane, Places, current_lane
from services.workflow.ownership import require_owned

log = logging.getLogger(__name__)

AT_ONCE: Mapping[Lane, int] = {
    Lane.ALARM: 1,  # it sends nothing to Azure
    Lane.ENDING: 32,
    Lane.GIVING: 16,
    Lane.ROTATION: 8,
    Lane.REST: 16,
}
"""How many requests of each lane a dependency gets at the same time."""

FAILURES = 10
"""How many consecutive failures open a breaker."""

OPEN_FOR = timedelta(seconds=30)

_WAIT = timedelta(seconds=2)
"""How long a request waits for a place; none waits if there was no answer for this long."""

_WAIT_TO_END = timedelta(seconds=10)

_COME_BACK_AFTER = timedelta(seconds=15)
"""When to retry a request that wasn't sent: tries are few, so only after hanging calls time out."""

_LONG_SECONDS = 5.0
"""A request that is cancelled counts as unanswered only if it took at least this long."""

# Azure Resource Manager passes these on to services that can fail on their own.
_RESOURCE = re.compile(
    r"/providers/(?:Microsoft\.Web/sites|Microsoft\.Storage/storageAccounts)/([^/?]+)",
    re.IGNORECASE,
)


def dependency_of(url: str) -> str:
    """Name the dependency behind a URL: its host, or an app or account behind Resource Manager."""
    # For each request that is sent: urlsplit takes three times as long.
    address = url.partition("?")[0]
    if found := _RESOURCE.search(address):
        return found.group(1).lower()
    authority = address.partition("://")[2].partition("/")[0]
    return authority.rpartition("@")[2].lower()


class Breaker:
    """Counts consecutive failures; while open, it lets one call through now and then."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failures = 0
        self._opened_at: datetime | None = None
        self._is_asking = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def left(self) -> timedelta:
        """Return for how long it stays open at least; zero if a call may probe."""
        if self._opened_at is None:
            return timedelta()
        passed = self._clock() - self._opened_at
        # A clock that is set back must not keep it open.
        return max(OPEN_FOR - passed, timedelta()) if passed >= timedelta() else timedelta()

    def admit(self) -> bool:
        """Say whether a call may be made; while it is open, only one at a time, as a probe."""
        if self._opened_at is None:
            return True
        if self.left() or self._is_asking:
            return False
        self._is_asking = True
        return True

    def note(self, *, is_answer: bool | None) -> bool:
        """Note whether a call was answered, None if unclear; return whether that opened it."""
        self._is_asking = False
        if is_answer is None:
            return False
        if is_answer:
            self._failures, self._opened_at = 0, None
            return False
        self._failures += 1
        was_open = self.is_open
        if self._failures >= FAILURES:
            self._opened_at = self._clock()
        return self.is_open and not was_open


@dataclass
class _Use:
    """The current use of one dependency."""

    breaker: Breaker
    places: Places = field(default_factory=lambda: Places(AT_ONCE))
    last_answer_at: dict[Lane, float] = field(default_factory=dict)
    """When a lane's last request ended, or its first one after a pause began; the loop's time."""
    under_way: dict[Lane, int] = field(default_factory=dict)


class NotSent(Unavailable):
    """A request was held back: nothing happened. It names the dependency until an adapter does."""

    def of(self, service: str) -> Unavailable:
        """Return it as the fault of a service, whose name people know."""
        cause = f"{self.cause} ({self.service})"
        return Unavailable(service, cause, self.retry_after, outcome_unknown=False)


class CallOutcome:
    """How a call ended; the caller fills it in."""

    def __init__(self) -> None:
        self.has_failed = False

    def answered(self, status: int) -> None:
        """Note an answer's status: only a 5xx is a failure; throttling and refusals aren't."""
        self.has_failed = status >= 500


class CallLimits:
    """The limits and breakers of all dependencies."""

    def __init__(self, clock: Callable[[], datetime], meter: Meter | None = None) -> None:
        self._clock = clock
        meter = meter or NoOpMeter("latchkey")
        self._not_sent = meter.create_counter(
            "latchkey_calls_not_sent", description="Requests that Latchkey held back, by service"
        )
        meter.create_observable_gauge(
            "latchkey_breaker_open",
            [self._breakers],
            description="Whether Latchkey sends a service nothing since it keeps failing",
        )
        self._uses: dict[str, _Use] = {}
        self._under_way: set[asyncio.Timeout] = set()
        self._is_cut = False
        self.arm: ArmLimits | None = None
        """Resource Manager's limits over all replicas, once there is a table to share them in."""

    def cut_short(self) -> None:
        """End the calls under way without an answer, and send nothing from now on."""
        self._is_cut = True
        for limit in self._under_way:
            limit.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def call(self, dependency: str) -> AsyncIterator[CallOutcome]:
        """Make one call inside the block, in the current lane.

        Raises NotSent if the breaker is open, there is no place, calls were cut short, an answer to
        a person is due, or the claim on the move under way ran out; TimeoutError if it is cut short
        or the answer becomes due meanwhile. A call that ends with an exception, or is cancelled
        after a while, counts as a failure.
        """
        if self._is_cut:
            raise self._refusal(dependency, "Latchkey is stopping", timedelta())
        seconds = seconds_left()
        if seconds == 0:
            raise self._refusal(dependency, "there was no time left to answer in", timedelta())
        async with asyncio.timeout(seconds) as limit:
            self._under_way.add(limit)
            try:
                async with self._within_limits(dependency) as outcome:
                    yield outcome
            finally:
                self._under_way.discard(limit)

    @asynccontextmanager
    async def _within_limits(self, dependency: str) -> AsyncIterator[CallOutcome]:
        use = self._uses.get(dependency) or self._first_use(dependency)
        lane = current_lane()
        if lane is not Lane.ENDING and not use.breaker.admit():
            wait = max(use.breaker.left(), _COME_BACK_AFTER)
            raise self._refusal(dependency, "it keeps failing, so Latchkey is waiting", wait)
        loop = asyncio.get_running_loop()
        try:
            await self._take_place(use, dependency, lane)
        except BaseException:
            use.breaker.note(is_answer=None)
            raise
        begun = loop.time()
        try:
            require_owned(dependency)
        except BaseException:
            use.places.release(lane)
            use.breaker.note(is_answer=None)
            raise
        if not use.under_way.get(lane):
            use.last_answer_at[lane] = begun
        use.under_way[lane] = use.under_way.get(lane, 0) + 1
        outcome = CallOutcome()
        is_answer: bool | None = None
        try:
            yield outcome
            is_answer = not outcome.has_failed
        except asyncio.CancelledError:
            is_answer = False if loop.time() - begun >= _LONG_SECONDS else None
            raise
        except Exception:
            is_answer = False
            raise
        finally:
            use.under_way[lane] -= 1
            use.last_answer_at[lane] = loop.time()
            use.places.release(lane)
            if use.breaker.note(is_answer=is_answer):
                log.warning("%s keeps failing: sending nothing to it for %s", dependency, OPEN_FOR)

    def _first_use(self, dependency: str) -> _Use:
        self._not_sent.add(0, {"dependency": dependency})
        use = self._uses[dependency] = _Use(Breaker(self._clock))
        return use

    async def _take_place(self, use: _Use, dependency: str, lane: Lane) -> None:
        if use.places.take(lane):
            return
        wait = _WAIT
        if lane is Lane.ENDING:
            wait = _WAIT_TO_END
        else:
            silence = asyncio.get_running_loop().time() - use.last_answer_at.get(lane, 0.0)
            wait = max(_WAIT - timedelta(seconds=silence), timedelta())
        if not (wait and await use.places.wait(lane, wait)):
            raise self._refusal(dependency, "too many requests in flight", _COME_BACK_AFTER)

    def _refusal(self, dependency: str, cause: str, retry_after: timedelta) -> NotSent:
        self._not_sent.add(1, {"dependency": dependency})
        cause = f"request not sent: {cause}"
        return NotSent(dependency, cause, retry_after, outcome_unknown=False)

    def _breakers(self, _: CallbackOptions) -> Iterator[Observation]:
        for dependency, use in list(self._uses.items()):
            yield Observation(int(use.breaker.is_open), {"dependency": dependency})
