"""An event loop whose time jumps to the next timer whenever there is nothing else to do.

An hour of sleep passes instantly and computing takes no time: measurements in this loop show only
the waiting, on any machine. Both ends of a connection may be in the loop, over the loopback
interface: what one end sends is there for the other before any time passes.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.support.clock import ManualClock
from tests.support.processes.virtual_process import ReadyHandles, note_task, without_stopped

T = TypeVar("T")


_THREAD_SECONDS = 1.0
_LONG_SECONDS = 0.1
_LOOPBACK_SECONDS = 0.0002
"""How long to look out for what is under way between two sockets, before a longer leap."""


class _Leaping(selectors.DefaultSelector):
    """Never waits: advances the time instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.threads = 0
        """The calls in threads: while there are any, time stands still."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.threads and timeout != 0:
            return super().select(_THREAD_SECONDS)
        events = without_stopped(super().select(0))
        if not events and timeout and timeout >= _LONG_SECONDS:
            time.sleep(_LOOPBACK_SECONDS)  # the selector would wait for a whole millisecond
            events = without_stopped(super().select(0))
        if not events and timeout is None:
            raise RuntimeError("nothing will ever happen")
        if not events and timeout:
            self.now += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with its own time."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)
        self._ready = ReadyHandles(self._ready)  # type: ignore[has-type]

    def time(self) -> float:
        return self._leaping.now

    def create_task(
        self, coro: Any, *, name: Any = None, context: Context | None = None, **_: Any
    ) -> asyncio.Task[Any]:
        # Python 3.14 could start it before it is noted, so that isn't passed on.
        task: asyncio.Task[Any] = super().create_task(coro, name=name, context=context)
        note_task(task, context)
        return task

    def run_in_executor(  # type: ignore[override]  # typeshed's needs Python 3.11's star syntax
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        self._leaping.threads += 1
        running = super().run_in_executor(executor, func, *args)
        # In a context of its own, as that of the caller's process may be stopped.
        running.add_done_callback(self._note_thread_done, context=Context())
        return running

    async def shutdown_default_executor(self, *_: Any) -> None:
        self._leaping.threads += 1
        await super().shutdown_default_executor()

    def _note_thread_done(self, _: asyncio.Future[Any]) -> None:
        self._leaping.threads -= 1


class LoopClock(ManualClock):
    """A clock that follows the loop's time."""

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=asyncio.get_running_loop().time())


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to completion in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
