"""Detect anything that blocks the event loop, independently of how busy the machine is."""

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn
from unittest.mock import patch


class BlockingCall(AssertionError):
    """The loop's thread was about to wait for the network or to sleep."""


@dataclass
class LoopWatch:
    """The longest time that a callback kept the loop busy, and what was going on.

    Counts the thread's own processor time, in seconds, so other load doesn't matter.
    """

    now: str = ""
    """What is going on, set by the test."""
    longest: float = 0.0
    during: str = ""
    blocking_calls: list[str] = field(default_factory=list)

    def see(self, seconds: float) -> None:
        """Record one callback."""
        if seconds > self.longest:
            self.longest, self.during = seconds, self.now

    def refuse(self, call: str) -> NoReturn:
        """Record a call that waits, without making it."""
        self.blocking_calls.append(call)
        raise BlockingCall(call)


@contextmanager
def watched_loop() -> Iterator[LoopWatch]:
    """Watch this thread's loop during a block.

    Waiting takes no processor time, so anything that waits raises `BlockingCall` instead:
    `time.sleep`, name look-ups, and connecting a blocking socket, as every synchronous client
    does. Other threads can do all of these.
    """
    watch, loops = LoopWatch(), threading.get_ident()
    run, sleep, look_up, connect = (
        asyncio.Handle._run,
        time.sleep,
        socket.getaddrinfo,
        socket.socket.connect,
    )

    def timed_run(handle: asyncio.Handle) -> None:
        before = time.thread_time()
        run(handle)
        watch.see(time.thread_time() - before)

    def guarded_sleep(seconds: float) -> None:
        if threading.get_ident() == loops:
            watch.refuse(f"time.sleep({seconds})")
        sleep(seconds)

    def guarded_look_up(host: Any, *rest: Any, **options: Any) -> Any:
        if threading.get_ident() == loops:
            watch.refuse(f"socket.getaddrinfo({host!r})")
        return look_up(host, *rest, **options)

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if threading.get_ident() == loops and self.gettimeout() != 0:
            watch.refuse(f"socket.connect({address!r})")
        connect(self, address)

    with ExitStack() as patches:
        patches.enter_context(patch.object(asyncio.Handle, "_run", timed_run))
        patches.enter_context(patch.object(time, "sleep", guarded_sleep))
        patches.enter_context(patch.object(socket, "getaddrinfo", guarded_look_up))
        patches.enter_context(patch.object(socket.socket, "connect", guarded_connect))
        # As in app.py: a test process has more garbage to collect than the bot.
        gc.collect()
        gc.freeze()
        patches.callback(gc.unfreeze)
        yield watch
