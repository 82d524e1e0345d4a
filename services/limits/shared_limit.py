"""One replica's part of a rate limit that a service counts over all replicas.

As long as a replica sends little, it uses a small share of its own and asks nobody. If that isn't
enough, it leases a share in the table, every five seconds as long as it needs it. Without the table
it goes on with what it has leased, and then with the small share.
"""

import asyncio
import heapq
import itertools
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import IntEnum

from domain.shared_rate import Rate, Slice
from services.answer_time import nobody_waiting
from services.clock import Clock
from services.faults import Fault
from services.limits.pools import Pools

log = logging.getLogger(__name__)

SMALL_SHARE = 0.05
"""What a replica uses without a lease: even twenty of them stay within the limit."""

HANDFUL = 10.0
"""How many it sends at once without a lease, after a pause."""

EVERY = timedelta(seconds=5)
LEASED_FOR = timedelta(seconds=10)
SOONEST = timedelta(seconds=1)
"""How soon it asks again while something has to wait."""

_HEADROOM = 1.5
_SHORTEST_PAUSE = 0.001
_WHOLE = 1 - 1e-6
"""One request; the level is a sum of fractions."""


class Urgency(IntEnum):
    """What goes first when not everything can be sent at once."""

    FIRST = 0
    USUAL = 1
    LAST = 2


class LimitUsedUp(Exception):
    """Too much is waiting for this limit; nothing was sent."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("the limit is used up")
        self.wait = wait


_Waiting = tuple[Urgency, int, float, "asyncio.Future[None]"]


class SharedLimit:
    """Lets requests through at this replica's rate, the most urgent first."""

    def __init__(
        self,
        name: str,
        rate: Rate,
        pools: Pools | None,
        *,
        clock: Clock,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Without ``pools``, this replica has the whole limit."""
        self._name = name
        self._whole = rate
        self._pools = pools
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._lease: Slice | None = None
        self._leased_until = 0.0
        self._rate = self._small() if pools else rate
        self._level = self._rate.size
        self._filled_at = monotonic()
        self._asked_at = float("-inf")
        self._counted_from = monotonic()
        self._used = 0
        self._had_to_wait = False
        self._order = itertools.count()
        self._waiting: list[_Waiting] = []
        self._pumping: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None

    async def take(self, urgency: Urgency, patience: timedelta) -> None:
        """Wait for one's turn; raises LimitUsedUp if that takes too long."""
        self._fill()
        self._used += 1
        if not self._waiting and self._level >= _WHOLE:
            self._level -= 1
            self._ask_if_needed()
            return
        self._had_to_wait = True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        latest = self._monotonic() + patience.total_seconds()
        heapq.heappush(self._waiting, (urgency, next(self._order), latest, turn))
        self._ask_if_needed()
        if self._pumping is None:
            self._pumping = asyncio.create_task(self._pump(), name=f"limit {self._name}")
        await turn

    def is_spent(self) -> None:
        """Note that the service has refused a request: there is nothing left for now."""
        self._fill()
        self._level = min(self._level, 0.0)

    async def close(self) -> None:
        """Stop whatever runs in the background; what waits for its turn is cancelled."""
        running = [task for task in (self._pumping, self._asking) if task]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        while self._waiting:
            heapq.heappop(self._waiting)[3].cancel()

    def _small(self) -> Rate:
        return Rate(min(HANDFUL, self._whole.size), self._whole.per_second * SMALL_SHARE)

    def _fill(self) -> None:
        now = self._monotonic()
        if self._lease and now >= self._leased_until:
            self._lease, self._rate = None, self._small()
        self._level = self._rate.filled(self._level, 1.0, now - self._filled_at)
        self._filled_at = now

    async def _pump(self) -> None:
        """Let those that wait through, as the level allows."""
        try:
            while self._waiting:
                self._let_through()
                if self._waiting:
                    self._ask_if_needed()
                    missing = (1 - self._level) / self._rate.per_second
                    pause = max(min(missing, SOONEST.total_seconds()), _SHORTEST_PAUSE)
                    over_at = self._monotonic() + pause
                    await self._sleep(pause)
                    # A test's sleep may take no time; it counts as if it did.
                    self._filled_at -= max(over_at - self._monotonic(), 0.0)
        finally:
            self._pumping = None

    def _let_through(self) -> None:
        self._fill()
        now = self._monotonic()
        for late in [one for one in self._waiting if now > one[2]]:
            if not late[3].done():
                behind = len(self._waiting) / self._rate.per_second
                late[3].set_exception(LimitUsedUp(timedelta(seconds=behind)))
        self._waiting = [one for one in self._waiting if not one[3].done()]
        heapq.heapify(self._waiting)
        while self._waiting and self._level >= _WHOLE:
            self._level -= 1
            heapq.heappop(self._waiting)[3].set_result(None)

    def _ask_if_needed(self) -> None:
        """Lease a share in the background if the present one runs out or isn't enough."""
        if self._pools is None or self._asking:
            return
        passed = self._monotonic() - self._asked_at
        if self._lease:
            is_needed, soonest = self._is_much(), EVERY
        else:
            is_needed, soonest = bool(self._waiting), SOONEST
        if is_needed and passed >= soonest.total_seconds():
            self._asked_at = self._monotonic()
            asking = self._ask(self._pools)
            with nobody_waiting():  # whichever turn needs it
                self._asking = asyncio.create_task(asking, name=f"lease of {self._name}")

    def _is_much(self) -> bool:
        return self._had_to_wait or self._wanted() > SMALL_SHARE

    def _wanted(self) -> float:
        """Return the share that it would use, judged by what it has sent since it last asked."""
        if self._had_to_wait or self._waiting:
            return 1.0
        seconds = max(self._monotonic() - self._counted_from, SOONEST.total_seconds())
        return min(_HEADROOM * self._used / seconds / self._whole.per_second, 1.0)

    async def _ask(self, pools: Pools) -> None:
        try:
            now, asked_at = self._clock(), self._monotonic()
            wants = self._wanted()
            self._used, self._had_to_wait, self._counted_from = 0, False, asked_at
            self._fill()
            lent = Slice(self._lease.share, self._level) if self._lease else Slice()
            got = await pools.renew(
                self._name, self._whole, wants, lent, now=now, until=now + LEASED_FOR
            )
            self._use(got, lent, asked_at)
        except Fault as fault:
            log.warning("%s: going on with a small share: %s", self._name, fault)
        except Exception:
            log.exception("%s: going on with a small share", self._name)
        finally:
            self._asking = None

    def _use(self, got: Slice, lent: Slice, asked_at: float) -> None:
        """Send at the leased rate from now on; a share that is too small isn't used.

        A bucket that holds less than one request would never let any through.
        """
        self._fill()
        if got.share <= SMALL_SHARE or self._whole.size * got.share < 1:
            self._lease, self._rate = None, self._small()
            self._level = min(self._level, self._rate.size)
            return
        spent = lent.level - self._level if self._lease else 0.0
        self._lease = got
        self._leased_until = asked_at + LEASED_FOR.total_seconds()
        self._rate = Rate(self._whole.size * got.share, self._whole.per_second * got.share)
        self._level = min(got.level - spent, self._rate.size)
        self._let_through()
