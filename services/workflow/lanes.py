"""Lanes: classes of moves, so that ending access never waits for anything else.

The engine stores the lane of a workflow's next move with its due time. The worker has places for
each lane, and the limits on calls to Azure apply per lane. A context variable passes the lane to
the adapters, since no SDK would.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from enum import StrEnum


class Lane(StrEnum):
    """The purpose of a move, ordered by how long it may wait."""

    ALARM = "alarms"
    """Alarms that must be recorded on time even if ending access hangs."""
    ENDING = "ending_access"
    GIVING = "giving_access"
    ROTATION = "rotation"
    REST = "the_rest"


PLACES: Mapping[Lane, int] = {
    Lane.ALARM: 16,
    Lane.ENDING: 32,
    Lane.GIVING: 16,
    Lane.ROTATION: 32,
    Lane.REST: 16,
}
"""How many moves per lane a replica performs at once."""

_LANE: ContextVar[Lane] = ContextVar("lane", default=Lane.REST)


def current_lane() -> Lane:
    """Return the current move's lane; people's own requests are in REST."""
    return _LANE.get()


@contextmanager
def in_lane(lane: Lane) -> Iterator[None]:
    """Set the lane for calls in the block and for tasks started in it."""
    token = _LANE.set(lane)
    try:
        yield
    finally:
        _LANE.reset(token)


def read_lane(text: str) -> Lane:
    """Read a lane, with spaces as older versions wrote it; an unknown one is ending access."""
    try:
        return Lane(text.replace(" ", "_"))
    except ValueError:
        return Lane.ENDING


class Places:
    """The places of all lanes, each for one move at a time."""

    def __init__(self, places: Mapping[Lane, int] = PLACES) -> None:
        self._free = dict(places)
        self._waiting: dict[Lane, deque[asyncio.Future[None]]] = {lane: deque() for lane in places}
        self.freed = asyncio.Event()
        """Set whenever a place becomes free that no one is waiting for."""

    def take(self, lane: Lane) -> bool:
        """Take a place if one is free; return whether it was."""
        if self._free[lane] == 0:
            return False
        self._free[lane] -= 1
        return True

    async def wait(self, lane: Lane, patience: timedelta) -> bool:
        """Take a place as soon as one is free; False if that took too long."""
        if self.take(lane):
            return True
        turn = asyncio.get_running_loop().create_future()
        self._waiting[lane].append(turn)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.release(lane)  # it became free at the same instant
            elif turn in self._waiting[lane]:
                self._waiting[lane].remove(turn)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def release(self, lane: Lane) -> None:
        """Pass a place to the longest waiter, or free it."""
        waiting = self._waiting[lane]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free[lane] += 1
        self.freed.set()


class Place:
    """One worker's place: in one lane at a time, or in none while it waits."""

    def __init__(self, places: Places, patience: timedelta, lane: Lane | None = None) -> None:
        """Start in a lane whose place is already taken, or in none."""
        self._places = places
        self._patience = patience
        self.lane = lane
        self.refused: Lane | None = None
        """The lane that had no free place in time."""

    async def enter(self, lane: Lane) -> bool:
        """Change to another lane; False if it has no free place in time."""
        if self.lane is lane:
            return True
        self.leave()
        if not await self._places.wait(lane, self._patience):
            self.refused = lane
            return False
        self.lane = lane
        return True

    def leave(self) -> None:
        """Free the place."""
        if self.lane is not None:
            self._places.release(self.lane)
            self.lane = None
