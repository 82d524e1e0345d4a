"""Lanes: what a move is for, so that the ending of access never waits for anything else.

The engine writes the lane of a workflow's next move beside its due time; the worker has places for
each lane, and the limits towards Azure count for each. It is passed on to the adapters by context,
since no SDK would carry it.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from enum import StrEnum


class Lane(StrEnum):
    """What a move is for, by how long it may wait."""

    ALARM = "alarms"
    """What is recorded at its time although ending access is what hangs."""
    ENDING = "ending access"
    GIVING = "giving access"
    ROTATION = "rotation"
    REST = "the rest"


PLACES: Mapping[Lane, int] = {
    Lane.ALARM: 16,
    Lane.ENDING: 32,
    Lane.GIVING: 16,
    Lane.ROTATION: 32,
    Lane.REST: 16,
}
"""How many moves of a lane a replica makes at once."""

_LANE: ContextVar[Lane] = ContextVar("lane", default=Lane.REST)


def current_lane() -> Lane:
    """Return the lane of the move that this is called for; what people ask for is the rest."""
    return _LANE.get()


@contextmanager
def in_lane(lane: Lane) -> Iterator[None]:
    """Let what is called in the block, and the tasks that it starts, know their lane."""
    token = _LANE.set(lane)
    try:
        yield
    finally:
        _LANE.reset(token)


def read_lane(text: str) -> Lane:
    """Read a lane; what an older or newer Latchkey wrote otherwise counts as ending access."""
    try:
        return Lane(text)
    except ValueError:
        return Lane.ENDING


class Places:
    """The places of all lanes: each is taken by one move at a time."""

    def __init__(self, places: Mapping[Lane, int] = PLACES) -> None:
        self._free = dict(places)
        self._waiting: dict[Lane, deque[asyncio.Future[None]]] = {lane: deque() for lane in places}
        self.freed = asyncio.Event()
        """Set whenever a place gets free that nobody has waited for."""

    def take(self, lane: Lane) -> bool:
        """Take a place where there is a free one; say whether there was."""
        if self._free[lane] == 0:
            return False
        self._free[lane] -= 1
        return True

    async def wait(self, lane: Lane, patience: timedelta) -> bool:
        """Take a place as soon as there is one; False where there was none for so long."""
        if self.take(lane):
            return True
        turn = asyncio.get_running_loop().create_future()
        self._waiting[lane].append(turn)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.release(lane)  # it came in the same instant
            elif turn in self._waiting[lane]:
                self._waiting[lane].remove(turn)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def release(self, lane: Lane) -> None:
        """Give a place to whoever has waited the longest, or back."""
        waiting = self._waiting[lane]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free[lane] += 1
        self.freed.set()


class Place:
    """One worker's place: in one lane at a time, and in none where it waits."""

    def __init__(self, places: Places, patience: timedelta, lane: Lane | None = None) -> None:
        """Begin in a lane whose place was taken, or in none."""
        self._places = places
        self._patience = patience
        self.lane = lane
        self.refused: Lane | None = None
        """The lane that had no place in time."""

    async def enter(self, lane: Lane) -> bool:
        """Change to another lane; False where it has no place for as long as is waited."""
        if self.lane is lane:
            return True
        self.leave()
        if not await self._places.wait(lane, self._patience):
            self.refused = lane
            return False
        self.lane = lane
        return True

    def leave(self) -> None:
        """Give the place back."""
        if self.lane is not None:
            self._places.release(self.lane)
            self.lane = None
