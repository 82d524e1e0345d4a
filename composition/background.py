"""What runs beside the turns, and how all of it stops in the ten seconds that a process has."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from composition.root import Composition
from services.faults import Fault

log = logging.getLogger(__name__)

BETWEEN_TRIES_SECONDS = 2

TURNS_SECONDS = 4.0
"""How long aiohttp waits for turns; before it drops one, it waits as long once more."""

CUT_SHORT_AFTER_SECONDS = 4.5
"""After that, Azure counts as not answering: turns can say so, and moves can be handed over.

Not five: many servers close a connection that wasn't used for five seconds, such as the one over
which the shards were handed over, and what becomes of a move would be written to it at that moment.
"""

END_AFTER_SECONDS = 8.0
"""After that, work is dropped; another replica does it when its claims have run out."""

CLOSE_SECONDS = 1.0


class BackgroundWork:
    """The worker, and the periodic work of one replica."""

    def __init__(self, composition: Composition) -> None:
        self._composition = composition
        self._working: asyncio.Task[None] | None = None
        self._others: list[asyncio.Task[None]] = []
        self._stopping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start everything; it waits for Azure as long as that takes."""
        made = self._composition
        preparing = asyncio.create_task(_until_it_works(made.prepare), name="table")
        self._working = asyncio.create_task(_after(preparing, made.worker.run), name="worker")
        self._working.add_done_callback(_log_end)
        starting = asyncio.create_task(_after(preparing, self._start), name="start")
        self._others = [preparing, starting]
        if made.watch:
            watching = _after(preparing, made.watch.run)
            self._others.append(asyncio.create_task(watching, name="policy file"))
        if made.measuring:
            measuring = _after(preparing, made.measuring.run)
            self._others.append(asyncio.create_task(measuring, name="gauges"))

    def begin_to_stop(self) -> None:
        """Claim nothing more, from now on; call it while turns are still being answered."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(), name="stop")

    async def stop(self) -> None:
        """Wait until everything has stopped, and close the connections."""
        self.begin_to_stop()
        await asyncio.gather(*filter(None, [self._stopping]), return_exceptions=True)
        closing = asyncio.create_task(self._composition.resources.aclose(), name="close")
        await asyncio.wait((closing,), timeout=CLOSE_SECONDS)
        closing.cancel()

    async def _start(self) -> None:
        """Start what isn't the worker's: none of it may keep access from being revoked."""
        await _until_it_works(self._composition.schedules.sync)
        await _until_it_works(self._composition.reconcile.begin)
        await _until_it_works(self._composition.following.follow)
        await _until_it_works(self._composition.checkpoints.begin)
        await _until_it_works(self._composition.counters.begin)
        await _until_it_works(self._composition.retention.begin)
        await _until_it_works(self._composition.drills.sync)
        await self._composition.schedules.run()

    async def _stop(self) -> None:
        for task in self._others:
            task.cancel()
        # Even when the work has ended: a turn may still wait for Azure.
        cut_short = self._composition.cut_short
        asyncio.get_running_loop().call_later(CUT_SHORT_AFTER_SECONDS, cut_short)
        ends = [asyncio.create_task(self._composition.worker.stop()), *self._others]
        ends += [self._working] if self._working else []
        _, late = await asyncio.wait(ends, timeout=END_AFTER_SECONDS)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CLOSE_SECONDS)


async def _until_it_works(start: Callable[[], Awaitable[None]]) -> None:
    """Try until Azure answers, however long it takes; a bug is logged and not tried again."""
    while True:
        try:
            await start()
        except Fault as fault:
            log.warning("could not start yet: %s", fault)
            await asyncio.sleep(BETWEEN_TRIES_SECONDS)
            continue
        except Exception:
            log.exception("could not start")
        return


async def _after(preparing: asyncio.Task[None], run: Callable[[], Awaitable[None]]) -> None:
    await preparing
    await run()


def _log_end(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        log.warning("the worker was cancelled")
    elif error := task.exception():
        log.critical("the worker crashed", exc_info=error)
    else:
        log.info("the worker stopped")
