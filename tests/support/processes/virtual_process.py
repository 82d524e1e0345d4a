"""Processes inside one virtual loop: each can be stopped for a while, or for good.

A process is whatever was begun in its context: tasks, timers, and what waits for a connection.
While it is stopped, none of that runs, as after SIGSTOP; its timers are late then. If it never goes
on, it was killed: nothing is cancelled, and nothing is cleaned up.
"""

import asyncio
import contextvars
import selectors
from collections import deque
from collections.abc import Coroutine, Iterable
from contextvars import Context, ContextVar
from typing import Any, TypeVar
from weakref import WeakSet

T = TypeVar("T")

_RUNNING_IN: ContextVar["VirtualProcess | None"] = ContextVar("_RUNNING_IN", default=None)


class VirtualProcess:
    """What was begun by ``run``, and everything that this has begun."""

    def __init__(self) -> None:
        self.is_stopped = False
        self.tasks: WeakSet[asyncio.Task[Any]] = WeakSet()
        self._context = contextvars.copy_context()
        self._context.run(_RUNNING_IN.set, self)
        self._held: list[asyncio.Handle] = []

    async def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in this process."""
        return await asyncio.create_task(main, context=self._context)

    def stop(self) -> None:
        """Let nothing of this process run from now on."""
        self.is_stopped = True

    def go_on(self) -> None:
        """Let everything run that has become due since then, in that order."""
        self.is_stopped = False
        held, self._held = self._held, []
        _ready().extend(held)

    def hold(self, handle: asyncio.Handle) -> None:
        """Keep something that would have run until the process goes on."""
        self._held.append(handle)

    async def end(self) -> None:
        """Cancel what is left, once nothing that it does can matter."""
        self.go_on()
        me = asyncio.current_task()
        left = [task for task in self.tasks if task is not me and not task.done()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


class ReadyHandles(deque[asyncio.Handle]):
    """What a loop runs next; it takes and gives nothing of a stopped process."""

    def append(self, handle: asyncio.Handle) -> None:
        if process := _stopped(handle):
            process.hold(handle)
        else:
            super().append(handle)

    def popleft(self) -> asyncio.Handle:
        """Take the next one; of a process that was stopped since, one that does nothing."""
        handle = super().popleft()
        if process := _stopped(handle):
            process.hold(handle)
            handle = asyncio.Handle(_do_nothing, (), asyncio.get_running_loop())
        return handle


def _do_nothing() -> None:
    """Run in place of what is held."""


def note_task(task: asyncio.Task[Any], context: Context | None) -> None:
    """Note a new task with its process, if it has one."""
    process = context.get(_RUNNING_IN) if context else _RUNNING_IN.get()
    if process:
        process.tasks.add(task)


def without_stopped(
    events: Iterable[tuple[selectors.SelectorKey, int]],
) -> list[tuple[selectors.SelectorKey, int]]:
    """Leave out what has arrived for stopped processes: it stays in their sockets."""
    return [(key, mask) for key, mask in events if not _is_for_stopped(key)]


def _is_for_stopped(key: selectors.SelectorKey) -> bool:
    return any(_stopped(handle) for handle in key.data if handle)


def _stopped(handle: asyncio.Handle) -> VirtualProcess | None:
    context: Context = handle._context  # type: ignore[attr-defined]
    process = context.get(_RUNNING_IN)
    return process if process and process.is_stopped else None


def _ready() -> ReadyHandles:
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    assert isinstance(ready, ReadyHandles)
    return ready
