"""Answers a command that takes a while soon, and updates that answer until it is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import chain, islice, repeat

from bot.turn import Card, Turn
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.operations.progress_card import Task, progress_card, stopped_card
from cards.reasons.sentences import sentence_of
from domain.refusals.refusal import Refusal
from services.answer_time import let_take_its_time, nobody_waiting
from services.clock import Clock
from services.progress import ProgressCount

Work = Callable[[ProgressCount], Awaitable[Card]]

MOST_UPDATES = 30

SOON_SECONDS = 2.0
"""How long people wait for a result without being told that it takes a while."""

_FIRST_PAUSES = (2.0, 2.0, 4.0, 8.0, 15.0)
_LATER_PAUSE = 30.0
"""In seconds. Teams allows 60 messages in 30 seconds and conversation; the card says that a
minute without an update means an interruption."""


class ProgressMessages:
    """Shows how far commands are, each in a message of its own."""

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._clock = clock
        self._sleep = sleep

    async def follow(self, turn: Turn, task: Task, work: Work) -> None:
        """Do the work; its result, or why it is refused, takes the place of the progress.

        The result is always sent: as a new message if the message with the progress may not show
        it, or may be overwritten by an earlier update that Teams hasn't answered.
        """
        await self._follow(turn, task, ProgressCount(), self._clock(), work)

    async def follow_if_long(self, turn: Turn, task: Task, work: Work) -> None:
        """Reply with the result if the work is done soon; otherwise do the same as ``follow``.

        Until then the work is limited like every turn, and what it raises is raised.
        """
        count, since = ProgressCount(), self._clock()
        working = asyncio.create_task(_result_of(work, count))
        pause = asyncio.create_task(_wait(self._sleep))
        try:
            await asyncio.wait({working, pause}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await turn.reply(await working)
                return
            let_take_its_time()
            await self._follow(turn, task, count, since, lambda _: working)
        finally:
            pause.cancel()
            working.cancel()
            await asyncio.gather(pause, working, return_exceptions=True)

    async def _follow(
        self, turn: Turn, task: Task, count: ProgressCount, since: datetime, work: Work
    ) -> None:
        first = progress_card(task, count.now, since, self._clock())
        shown = _Shown(turn, await turn.reply(first))
        result = await self._done(shown, task, count, since, work)
        if not shown.is_sure:
            await turn.reply(result)

    async def follow_click(self, turn: Turn, task: Task, work: Work) -> None:
        """Do the work of a click, with its progress and its result in the clicked message.

        The result is the answer to the click too. Teams waits for that 15 seconds at most, so the
        work begins while the message is updated for the first time.
        """
        count, since = ProgressCount(), self._clock()
        shown = _Shown(turn, turn.clicked_id, is_behind=True)
        await turn.show(await self._done(shown, task, count, since, work))

    async def _done(
        self, shown: "_Shown", task: Task, count: ProgressCount, since: datetime, work: Work
    ) -> Card:
        """Do the work, and show its result in place of the progress."""
        try:
            async with self._updated(shown, task, count, since):
                with nobody_waiting():  # this message says how far it is
                    result = await work(count)
        except Refusal as refusal:
            result = notice(sentence_of(refusal), Tone.WARNING)
        except Exception:
            await shown.put(stopped_card(task))
            raise
        await shown.put(result)
        return result

    @asynccontextmanager
    async def _updated(
        self, shown: "_Shown", task: Task, count: ProgressCount, since: datetime
    ) -> AsyncIterator[None]:
        """Update the message meanwhile, and leave no update under way."""

        async def update() -> None:
            if shown.is_behind:
                await shown.put(progress_card(task, count.now, since, since))
            for pause in _pauses():
                await self._sleep(pause)
                await shown.put(progress_card(task, count.now, since, self._clock()))

        updates = asyncio.create_task(update())
        try:
            yield
        finally:
            async with shown.free:  # an update that is sent is waited for: it must not come last
                updates.cancel()
            await asyncio.gather(updates, return_exceptions=True)


async def _result_of(work: Work, count: ProgressCount) -> Card:
    return await work(count)


async def _wait(sleep: Callable[[float], Awaitable[None]]) -> None:
    await sleep(SOON_SECONDS)


class _Shown:
    """The message with the progress."""

    def __init__(self, turn: Turn, message_id: str, *, is_behind: bool = False) -> None:
        self._turn = turn
        self._message_id = message_id
        self.is_behind = is_behind
        """Whether it doesn't show yet that anything runs."""
        self.free = asyncio.Lock()
        """Held while an update is under way."""
        self.is_sure = True
        """Whether Teams has taken every update."""

    async def put(self, card: Card) -> None:
        async with self.free:
            self.is_sure &= await self._turn.update(self._message_id, card)


def _pauses() -> Iterator[float]:
    return islice(chain(_FIRST_PAUSES, repeat(_LATER_PAUSE)), MOST_UPDATES)
