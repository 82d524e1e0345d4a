"""Sends a change to the table again while a person waits for what becomes of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from services.answer_time import seconds_left_to_record
from services.faults import Unavailable

T = TypeVar("T")

_PAUSES_SECONDS = (1, 2, 3)
_WITHIN_SECONDS = 7
"""How long to go on: Teams waits 15 seconds for an answer, and there is more to do in a turn."""


async def settled(send: Callable[[], Awaitable[T]]) -> T:
    """Send a conditional change again while the table is away, for some seconds.

    Whichever of them comes first counts, and the others conflict with it: after a Conflict, load
    again and decide again. None is sent when the time of the turn is over. If none is answered,
    raises a fault whose outcome is unknown unless it is known of all of them.
    """
    loop = asyncio.get_running_loop()
    latest = loop.time() + _WITHIN_SECONDS
    worst: Unavailable | None = None
    pauses = iter(_PAUSES_SECONDS)
    while True:
        try:
            return await send()
        except Unavailable as fault:
            worst = fault if worst is None or fault.outcome_unknown else worst
            pause, left = next(pauses, None), seconds_left_to_record()
            if pause is None or loop.time() + pause > latest:
                raise worst from None
            if left is not None and pause >= left:
                raise worst from None
        await asyncio.sleep(pause)


@contextmanager
def before_the_change() -> Iterator[None]:
    """Report a fault of what has to precede a change: the change itself wasn't sent."""
    try:
        yield
    except Unavailable as fault:
        raise Unavailable(
            fault.service,
            fault.cause,
            fault.retry_after,
            outcome_unknown=False,
            status=fault.status,
            code=fault.code,
        ) from fault
