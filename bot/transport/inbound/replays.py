"""Give an activity that is delivered twice one effect and one answer."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import NamedTuple

_REMEMBERED = 512


class RecordedAnswer(NamedTuple):
    """The answer to an activity: an HTTP status, and a body or None.

    The body is JSON as text: a card takes a quarter of the memory that its objects would.
    """

    status: int
    body: str | None


class Replays:
    """Remember the latest answers by activity.

    This covers one replica and its recent past, where Teams' own redeliveries fall; beyond that,
    conditional writes prevent duplicates.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, asyncio.Future[RecordedAnswer]] = OrderedDict()

    async def once(
        self, activity: Hashable, answer: Callable[[], Awaitable[RecordedAnswer]]
    ) -> RecordedAnswer:
        """Answer an activity, or wait for and repeat the answer it already got.

        An answer of 500 or above is not kept, so a redelivered activity is tried again.
        """
        known = self._answers.get(activity)
        if known is not None:
            return await asyncio.shield(known)
        pending = self._expect(activity)
        try:
            given = await answer()
            pending.set_result(given)
        finally:
            if not pending.done():
                pending.cancel()
            if pending.cancelled() or pending.result().status >= 500:
                self._answers.pop(activity, None)
        return given

    def _expect(self, activity: Hashable) -> asyncio.Future[RecordedAnswer]:
        pending: asyncio.Future[RecordedAnswer] = asyncio.get_running_loop().create_future()
        self._answers[activity] = pending
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return pending
