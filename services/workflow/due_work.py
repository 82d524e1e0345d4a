"""Starts work from a queue as soon as it is due and a place is free.

There are no rounds: each poll of a shard reads what is due, and what will be due within the next
two polls. Each piece of work runs as its own task and occupies only its place. Between two polls,
a row is started at its due time, or when a place becomes free, without reading anything.
"""

import asyncio
import contextlib
import functools
import heapq
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta

from services.clock import Clock
from services.storage import keys
from services.storage.table import Row
from services.workflow.agenda import Agenda, DueRow

log = logging.getLogger(__name__)

_SHORTEST_PAUSE = 0.001

Work = Coroutine[None, None, None]
Take = Callable[[Sequence[DueRow]], Work | None]
"""Starts the work on rows that belong together; None if no place is free."""


class DueWork:
    """One queue's running work, and the work that waits for its time or a place."""

    def __init__(
        self,
        name: str,
        queue: Agenda,
        clock: Clock,
        take: Take,
        *,
        belongs_to: Callable[[DueRow], str],
        is_skipped: Callable[[DueRow], bool],
        report_unreadable: Callable[[Row], Work],
        wake: asyncio.Event,
    ) -> None:
        """Take the worker function; rows with the same ``belongs_to`` are handled together.

        Set ``wake`` whenever a place becomes free.
        """
        self._name = name
        self._queue = queue
        self._clock = clock
        self._take = take
        self._belongs_to = belongs_to
        self._is_skipped = is_skipped
        self._report_unreadable = report_unreadable
        self._wake = wake
        self._waiting: dict[str, list[DueRow]] = {}
        self._busy: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._wanted: set[str] = set()
        self._expected: list[tuple[datetime, str]] = []
        self._has_failed = False
        self._fatal: BaseException | None = None
        self._stopping = False

    def look_at(self, shard: str) -> None:
        """Poll a shard now instead of waiting for the next poll of all shards."""
        self._wanted.add(shard)
        self._wake.set()

    def expect(self, shard: str, at: datetime) -> None:
        """Poll a shard when a row that was just written falls due."""
        heapq.heappush(self._expected, (at, shard))
        self._wake.set()

    def stop(self) -> None:
        """Start nothing new."""
        self._stopping = True
        self._wake.set()

    async def run_once(self) -> None:
        """Finish all work that is due now."""
        while not self._stopping:
            now = self._clock()
            more = await asyncio.gather(*(self._look(shard, now) for shard in keys.SHARDS))
            begun = await self._finish()
            if not (any(more) and begun):
                return

    async def run(self, every: Callable[[], timedelta]) -> None:
        """Work until stopped; ``every`` returns the interval between polls of all shards."""
        loop = asyncio.get_running_loop()
        next_look = loop.time()
        try:
            while not self._stopping:
                self._wake.clear()
                if loop.time() >= next_look:
                    next_look = loop.time() + every().total_seconds()
                    self._wanted.update(keys.SHARDS)
                    self._has_failed = False
                    self._forget_expected(self._clock() + every())
                self._begin_looks(every())
                now = self._clock()
                self._begin_work(now)
                self._raise_fatal()
                await self._pause(now, next_look - loop.time())
            await self._end()
        except BaseException:
            for task in (*self._running, *self._looking.values()):
                task.cancel()
            await self._end()
            raise

    def _begin_looks(self, every: timedelta) -> None:
        now = self._clock()
        while self._expected and self._expected[0][0] <= now:
            self._wanted.add(heapq.heappop(self._expected)[1])
        # A shard that is being polled is polled once more afterwards.
        for shard in self._wanted - self._looking.keys():
            self._wanted.discard(shard)
            look = self._look_and_log(shard, now + 2 * every)
            task = asyncio.create_task(look, name=f"look at the {self._name}, {shard}")
            self._looking[shard] = task
            task.add_done_callback(functools.partial(self._looked, shard))

    def _looked(self, shard: str, _: asyncio.Task[None]) -> None:
        self._looking.pop(shard, None)
        self._wake.set()

    def _forget_expected(self, by: datetime) -> None:
        """Forget expected rows that the next poll of all shards covers."""
        self._expected = [one for one in self._expected if one[0] < by]
        heapq.heapify(self._expected)

    async def _look_and_log(self, shard: str, until: datetime) -> None:
        try:
            await self._look(shard, until)
        except Exception:
            if not self._has_failed:
                self._has_failed = True
                log.exception("a round of the %s failed; the next one follows", self._name)

    async def _look(self, shard: str, until: datetime) -> bool:
        """Read what is due in a shard; return whether there is more than was read."""
        look = await self._queue.look(
            shard, until, lambda row: row.ready_at <= until and not self._is_skipped(row)
        )
        self._waiting[shard] = look.rows
        for row in look.broken:
            await self._report_unreadable(row)
        return look.has_more

    def _begin_work(self, now: datetime) -> bool:
        """Start due work that has a place, oldest first; return whether any was started."""
        begun = False
        for together in self._ready(now):
            name = self._belongs_to(together[0])
            if self._stopping or name in self._busy:
                continue
            if work := self._take(together):
                self._start(name, work)
                taken = {row.key for row in together}
                rows = self._waiting[together[0].shard]
                self._waiting[together[0].shard] = [row for row in rows if row.key not in taken]
                begun = True
        return begun

    def _ready(self, now: datetime) -> list[list[DueRow]]:
        rows = [row for shard in self._waiting.values() for row in shard if row.ready_at <= now]
        together: dict[str, list[DueRow]] = {}
        for row in sorted(rows, key=lambda row: row.due):
            together.setdefault(self._belongs_to(row), []).append(row)
        return list(together.values())

    def _start(self, name: str, work: Work) -> None:
        task = asyncio.create_task(self._guarded(name, work), name=name)
        self._busy.add(name)
        self._running.add(task)
        task.add_done_callback(lambda task: self._ended(name, task))

    async def _guarded(self, name: str, work: Work) -> None:
        """Run the work; a failure is logged and stops no other work."""
        try:
            await work
        except Exception:
            log.exception("%s failed; it falls due again", name)

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._busy.discard(name)
        self._running.discard(task)
        if not task.cancelled():
            self._fatal = self._fatal or task.exception()
        self._wake.set()

    async def _finish(self) -> bool:
        """Do the work that is ready and wait for it; return whether there was any."""
        begun = self._begin_work(self._clock())
        while self._running:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            self._raise_fatal()
            self._begin_work(self._clock())
        return begun

    async def _end(self) -> None:
        """Wait until running work has finished."""
        while under_way := (*self._running, *self._looking.values()):
            await asyncio.wait(under_way)
            await asyncio.sleep(0)  # their callbacks

    def _raise_fatal(self) -> None:
        """Raise an error that must end the process, not just one piece of work."""
        if self._fatal:
            raise self._fatal

    async def _pause(self, begun_at: datetime, until_look: float) -> None:
        """Wait until woken, or for the next instant after the one that work was started for.

        At such an instant a row falls due, or a waiting row becomes due for ending access.
        """
        rows = [row for waiting in self._waiting.values() for row in waiting]
        instants = [row.ready_at for row in rows]
        instants += [row.ends_at for row in rows if row.ends_at]
        instants += [self._expected[0][0]] if self._expected else []
        now = self._clock()
        pauses = [(at - now).total_seconds() for at in instants if at > begun_at]
        pause = max(min([until_look, *pauses]), _SHORTEST_PAUSE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()
