"""Starts work from a queue as soon as it is due and a place is free.

There are no rounds, and hardly any polling. A look at a shard reads what is due and what will be
due before the next look but one; each row is then started at its due time, or when a place becomes
free, without reading anything. A replica looks again when it has written a row itself, and
otherwise at one of its shards after the other. Each piece of work runs as its own task and occupies
only its place.
"""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta

from services.clock import Clock
from services.faults import log_failure
from services.storage import keys
from services.storage.table import Row
from services.workflow.due.agenda import CLAIM, LIMIT, Agenda, AgendaPage, DueRow
from services.workflow.due.expectations import ANY, Expectations
from services.workflow.due.shard_leases import ShardLeases
from services.workflow.lanes import Lane

log = logging.getLogger(__name__)

_SHORTEST_PAUSE = 0.001
_LATE = tuple(timedelta(seconds=seconds) for seconds in (5, 25, 80))
"""After a change of the table that got no answer, when to look for what it may have written.

The last look comes after as long as any other service takes (domain/unknown_outcome.py).
"""

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
        every: Callable[[], timedelta],
        turns: int = 1,
        shards: ShardLeases,
        belongs_to: Callable[[DueRow], str],
        is_skipped: Callable[[DueRow], bool],
        report_unreadable: Callable[[Row], Work],
        wake: asyncio.Event,
    ) -> None:
        """Take the worker function; rows with the same ``belongs_to`` are handled together.

        ``every`` returns how soon it looks again at what wasn't finished. After so many ``turns``
        of that, it looks at the next one of the shards that this replica covers. Of other shards,
        it only does what it expects, having written it. Set ``wake`` whenever a place becomes free.
        """
        self._name = name
        self._queue = queue
        self._clock = clock
        self._take = take
        self._every = every
        self._turns = turns
        self._shards = shards
        self._belongs_to = belongs_to
        self._is_skipped = is_skipped
        self._report_unreadable = report_unreadable
        self._wake = wake
        self._waiting: dict[str, list[DueRow]] = {}
        self._full: dict[str, Collection[Lane]] = {}
        self._read_whole: set[str] = set()
        self._busy: dict[str, Collection[str]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._wanted: set[str] = set()
        self._expected = Expectations()
        self._expected_late = Expectations()
        self._last_in_turn = ""
        self._has_failed = False
        self._fatal: BaseException | None = None
        self._stopping = False

    def look_at(self, shards: Iterable[str]) -> None:
        """Look at these shards now, if they are covered."""
        self._wanted.update(shards)
        self._wake.set()

    def expect(self, workflow_id: str, at: datetime) -> None:
        """Look for a workflow's row when it falls due; it was just written.

        A row that isn't due for long is found in time by whoever covers its shard.
        """
        if at <= self._clock() + self._horizon():
            self._expect(keys.shard_of(workflow_id), at, workflow_id)

    def expect_late(self, workflow_id: str) -> None:
        """Look for a workflow's row now and then for a while: it may still be written.

        Looks until then don't count, as they may have come too soon.
        """
        for wait in _LATE:
            self._expected_late.add(keys.shard_of(workflow_id), self._clock() + wait, workflow_id)
        self._wake.set()

    def look_again(self, rows: Iterable[DueRow]) -> None:
        """Look for these rows once more in a moment: they weren't finished."""
        at = self._clock() + self._every()
        for row in rows:
            self._expect(row.shard, at, row.workflow_id)

    def stop(self) -> None:
        """Start nothing new."""
        self._stopping = True
        self._wake.set()

    async def run_once(self) -> None:
        """Finish all work that is due now, whoever covers it."""
        while not self._stopping:
            now = self._clock()
            more = await asyncio.gather(*(self._look(shard, now) for shard in keys.SHARDS))
            self._read_whole.clear()
            begun = await self._finish()
            if not (any(more) and begun):
                return

    async def run(self) -> None:
        """Work until stopped."""
        loop = asyncio.get_running_loop()
        next_turn = loop.time() + self._turn().total_seconds()
        self.look_at(keys.SHARDS)
        try:
            while not self._stopping:
                self._wake.clear()
                if loop.time() >= next_turn:
                    next_turn = loop.time() + self._turn().total_seconds()
                    self._wanted.update(self._next_in_turn())
                now = self._clock()
                self._wanted.update(self._drained())
                self._begin_looks(now)
                self._begin_work(now)
                self._raise_fatal()
                await self._pause(now, next_turn - loop.time())
            await self._end()
        except BaseException:
            for task in (*self._running, *self._looking.values()):
                task.cancel()
            await self._end()
            raise

    def _horizon(self) -> timedelta:
        """Return how far ahead a look reads: further than until the next one in turn."""
        return 2 * len(keys.SHARDS) * self._turn()

    def _turn(self) -> timedelta:
        return self._turns * self._every()

    def _next_in_turn(self) -> list[str]:
        covered = [shard for shard in keys.SHARDS if self._shards.covers(shard)]
        later = [shard for shard in covered if shard > self._last_in_turn]
        chosen = (later or covered)[:1]
        self._last_in_turn = chosen[0] if chosen else ""
        return chosen

    def _expect(self, shard: str, at: datetime, workflow_id: str) -> None:
        self._expected.add(shard, at, workflow_id)
        self._wake.set()

    def _begin_looks(self, now: datetime) -> None:
        self._wanted |= self._expected.due(now) | self._expected_late.due(now)
        # A shard that is being looked at is looked at once more afterwards.
        for shard in self._wanted - self._looking.keys():
            self._wanted.discard(shard)
            is_covered = self._shards.covers(shard)
            until = now + self._horizon() if is_covered else now
            expected = self._expected.remove(shard, until)
            expected |= self._expected_late.remove(shard, now)
            if not is_covered and not expected:
                continue
            look = self._look_and_log(shard, until, None if is_covered else expected)
            task = asyncio.create_task(look, name=f"look at the {self._name}, {shard}")
            self._looking[shard] = task
            task.add_done_callback(functools.partial(self._looked, shard))

    def _looked(self, shard: str, _: asyncio.Task[None]) -> None:
        self._looking.pop(shard, None)
        self._wake.set()

    async def _look_and_log(
        self, shard: str, until: datetime, only: Collection[str] | None
    ) -> None:
        try:
            await self._look(shard, until, only)
            self._has_failed = False
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look follows
            again = self._clock() + self._every()
            for workflow_id in (ANY,) if only is None else only:
                self._expect(shard, again, workflow_id)
            if not self._has_failed:
                self._has_failed = True
                said = f"a look at the {self._name} failed; the next one follows"
                log_failure(log, said, error)

    async def _look(self, shard: str, until: datetime, only: Collection[str] | None = None) -> bool:
        """Read what is due in a shard by then; return whether there is more than was read.

        With ``only``, the shard isn't covered, and only rows of these workflows are wanted.
        """
        now = self._clock()
        later: list[datetime] = []

        def is_wanted(row: DueRow) -> bool:
            if only is not None and row.workflow_id not in only:
                return False
            if row.key in self._busy.get(self._belongs_to(row), ()):
                return False
            if self._is_skipped(row):
                later.append(now + CLAIM)
                return False
            if row.claimed_until and row.claimed_until > now:
                later.append(row.claimed_until)
                return False
            return True

        look = await self._queue.look(shard, until, is_wanted)
        self._note(shard, look, is_covered=only is None)
        if later and only is None:
            self._expect(shard, min(later), ANY)
        for row in look.broken:
            await self._report_unreadable(row)
        return bool(look.full)

    def _note(self, shard: str, look: AgendaPage, *, is_covered: bool) -> None:
        if is_covered:
            self._read_whole.add(shard)
            self._waiting[shard], self._full[shard] = look.rows, look.full
            return
        found = {row.key for row in look.rows}
        still = [row for row in self._waiting.get(shard, ()) if row.key not in found]
        self._waiting[shard] = [*still, *look.rows]

    def _begin_work(self, now: datetime) -> bool:
        """Start due work that has a place, oldest first; return whether any was started."""
        begun = False
        for together in self._ready(now):
            name = self._belongs_to(together[0])
            if self._stopping or name in self._busy:
                continue
            if work := self._take(together):
                self._start(name, together, work)
                begun = True
        return begun

    def _ready(self, now: datetime) -> list[list[DueRow]]:
        self._forget_if_lapsed()
        rows = [row for shard in self._waiting.values() for row in shard if row.ready_at <= now]
        together: dict[str, list[DueRow]] = {}
        for row in sorted(rows, key=lambda row: row.due):
            together.setdefault(self._belongs_to(row), []).append(row)
        return list(together.values())

    def _forget_if_lapsed(self) -> None:
        """Forget what was found in shards that others may have taken since.

        What was found before a shard was handed over is still done, if nobody else was first.
        """
        if self._shards.have_lapsed():
            for shard in self._read_whole:
                self._waiting.pop(shard, None)
                self._full.pop(shard, None)
            self._read_whole.clear()

    def _drained(self) -> list[str]:
        """Return the shards of which more can be read, as half of what was read has begun."""
        return [
            shard
            for shard, lanes in self._full.items()
            for lane in lanes
            if sum(row.lane is lane for row in self._waiting[shard]) <= LIMIT // 2
        ]

    def _start(self, name: str, together: Sequence[DueRow], work: Work) -> None:
        task = asyncio.create_task(self._guarded(name, together, work), name=name)
        taken = {row.key for row in together}
        for shard in {row.shard for row in together}:
            self._waiting[shard] = [row for row in self._waiting[shard] if row.key not in taken]
        self._busy[name] = taken
        self._running.add(task)
        task.add_done_callback(lambda task: self._ended(name, task))

    async def _guarded(self, name: str, rows: Sequence[DueRow], work: Work) -> None:
        """Run the work; a failure is logged and stops no other work."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - it stops no other work
            log_failure(log, "failed; it falls due again", error, name)
            self.look_again(rows)

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._busy.pop(name, None)
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

    async def _pause(self, begun_at: datetime, until_turn: float) -> None:
        """Wait until woken, for the next turn, or for the next instant after work was started.

        At such an instant a row falls due, or a waiting row becomes due for ending access.
        """
        rows = [row for waiting in self._waiting.values() for row in waiting]
        instants = [row.ready_at for row in rows]
        instants += [row.ends_at for row in rows if row.ends_at]
        instants += [*self._expected.next(), *self._expected_late.next()]
        now = self._clock()
        pauses = [(at - now).total_seconds() for at in instants if at > begun_at]
        pause = max(min([until_turn, *pauses]), _SHORTEST_PAUSE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()
