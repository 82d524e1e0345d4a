"""How the background work stops, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from composition.background import CUT_SHORT_AFTER_SECONDS, BackgroundWork
from tests.support.processes import virtual_time

PROCESS_HAS_SECONDS = 10.0


class Made:
    """A composition whose table doesn't answer, or does once Azure is cut short."""

    def __init__(self, *, table_hangs: bool) -> None:
        self.stopping_at: float | None = None
        self.cut_short_at: float | None = None
        self.worker = self.schedules = self.reconcile = self.following = self
        self.checkpoints = self.counters = self.retention = self
        self.watch = self.measuring = None
        self.resources = SimpleNamespace(aclose=self._forever if table_hangs else self.prepare)
        self._table_hangs = table_hangs
        self._ended = asyncio.Event()

    async def prepare(self) -> None:
        """Do nothing."""

    sync = begin = follow = prepare

    async def run(self) -> None:
        await (self._forever() if self._table_hangs else self._ended.wait())

    async def stop(self) -> None:
        self.stopping_at = _now()
        await self.run()

    def cut_short(self) -> None:
        self.cut_short_at = _now()
        self._ended.set()

    async def _forever(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.Event().wait()  # such as to release a claim


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _stopped(*, table_hangs: bool) -> tuple[Made, float]:
    """Stop while turns take another second; return when everything had stopped."""
    made: Any = Made(table_hangs=table_hangs)
    background = BackgroundWork(made)
    background.start()
    await asyncio.sleep(1)
    begun_at = _now()
    background.begin_to_stop()
    await asyncio.sleep(1)
    await background.stop()
    stopped_at = _now()
    made.stopping_at -= begun_at
    made.cut_short_at -= begun_at
    return made, stopped_at - begun_at


def test_the_worker_stops_at_the_signal_and_azure_is_cut_short_later() -> None:
    made, took = virtual_time.run(_stopped(table_hangs=False))

    assert made.stopping_at == 0
    assert made.cut_short_at == pytest.approx(CUT_SHORT_AFTER_SECONDS)
    assert took == pytest.approx(CUT_SHORT_AFTER_SECONDS)


def test_a_table_that_hangs_keeps_no_process_from_ending_in_time() -> None:
    _, took = virtual_time.run(_stopped(table_hangs=True))

    assert took <= PROCESS_HAS_SECONDS


def test_the_gauges_are_measured_beside_the_worker() -> None:
    measuring = asyncio.Event()

    async def started() -> None:
        made: Any = Made(table_hangs=False)
        made.measuring = SimpleNamespace(run=_note(measuring))
        background = BackgroundWork(made)
        background.start()
        await asyncio.sleep(1)
        await background.stop()

    virtual_time.run(started())

    assert measuring.is_set()


def _note(event: asyncio.Event) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        event.set()

    return run
