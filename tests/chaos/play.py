"""People who go on with a bot that is killed at some moment, and started again."""

import asyncio
import contextlib
import contextvars
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from cards.kit import verbs
from domain.announcement import REQUESTER_CARD
from services.storage import keys
from services.workflow.due.agenda import CLAIM
from tests.chaos.exchanges import Exchanges, Interruption, NumberedTable
from tests.chaos.records import TOLD_TO_REPEAT, unrecorded
from tests.chaos.virtual_bot import POLL, Stage, VirtualBot, until
from tests.support.people import People, Seen
from tests.support.processes.virtual_time import LoopClock
from tests.support.teams import Person, a_message

RESTARTED_AFTER = timedelta(seconds=3)
_RECOVERED_AFTER = RESTARTED_AFTER + CLAIM + POLL + timedelta(seconds=2)
"""How long after a kill the work goes on: a claim has to run out, and to be found."""
_STEP = len(keys.SHARDS) * POLL + timedelta(seconds=80)
"""How long people wait for a step, before they try again.

What a request that is 70 s late leaves is found when the turn comes to its shard: after 32 s as
deployed, and later here, where replicas look less often.
"""
_TRIES = 4
_TRY_AGAIN = timedelta(seconds=10)
"""How soon people repeat what they did if the bot tells them to."""
_TEAMS_WAITS = timedelta(seconds=15)
"""How long Teams waits for an answer to what it delivers."""
ON_TIME = timedelta(seconds=2)


class Play:
    """One scenario: the bot that runs now, and those that were killed."""

    def __init__(self, stage: Stage, table: NumberedTable, exchanges: Exchanges) -> None:
        self.stage = stage
        self.table = table
        self.clock: LoopClock = stage.clock
        self.exchanges = exchanges
        self.wrong: list[str] = []
        self.may_be_early_by = timedelta()
        """How early access may end."""
        self._bot = stage.bot(table)
        self._seen_by = People(stage.teams, stage.sandbox)
        self.interrupted_at: datetime | None = None
        self.unrecorded = 0
        """How many messages had been sent and not recorded at the interruption."""
        self._dead: list[VirtualBot] = []
        self._is_up = asyncio.Event()
        self._under_way = ""
        """The message that is being answered."""
        self._restarting: asyncio.Task[None] | None = None
        self._context = contextvars.copy_context()  # a killed bot's own is dead
        exchanges.on_interruption = self._interrupted

    @property
    def bot(self) -> VirtualBot:
        """The bot that runs now."""
        return self._bot

    async def start(self) -> None:
        """Start the first bot."""
        await self.bot.start()
        self._is_up.set()

    async def close(self) -> None:
        """Stop the bot, and close what was left open by the killed ones."""
        if self._restarting:
            await self._restarting
        for bot in (self.bot, *self._dead):
            await bot.stop()

    def _interrupted(self, interruption: Interruption) -> None:
        self.interrupted_at = self.clock()
        if not interruption.kills:
            self.unrecorded = unrecorded(self.table, self.stage.teams, self._under_way)
            return
        self.bot.kill()
        self._dead.append(self.bot)
        self._is_up.clear()
        self._restarting = asyncio.create_task(self._restart(), context=self._context)

    async def _restart(self) -> None:
        await asyncio.sleep(RESTARTED_AFTER.total_seconds())
        self.unrecorded = unrecorded(self.table, self.stage.teams, self._under_way)
        bot = self.stage.bot(self.table)
        await bot.start()
        self._bot = bot
        self._is_up.set()

    async def do(
        self, what: str, act: Callable[[], Awaitable[Any]], is_done: Callable[[], Any]
    ) -> None:
        """Let someone do something, again and again while nothing comes of it.

        They also do it again, and soon, whenever the bot tells them to.
        """
        for _ in range(_TRIES):
            await self._is_up.wait()
            before = self._times_told_to_try_again()
            await act()
            if self._times_told_to_try_again() > before:
                await self.rest(_TRY_AGAIN)
            elif await until(is_done, self.clock, self.clock() + _STEP):
                return
        raise ScenarioStoppedError(what)

    def _times_told_to_try_again(self) -> int:
        messages = (posted.text for posted in self.stage.teams.posted)
        answers = (json.dumps(answer.body) for answer in self.bot.answers)
        return sum(any(said in text for said in TOLD_TO_REPEAT) for text in (*messages, *answers))

    async def wait(self, what: str, is_done: Callable[[], Any], longest: timedelta) -> None:
        """Wait for what comes by itself."""
        if not await until(is_done, self.clock, self.clock() + longest):
            raise ScenarioStoppedError(what)

    async def rest(self, by: timedelta) -> None:
        """Let time pass."""
        await asyncio.sleep(by.total_seconds())

    async def type(self, person: Person, text: str) -> None:
        """Type a line; Teams delivers it once more if nobody answered."""
        message = a_message(text, person)
        self._under_way = message["id"]
        bot = self.bot
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TEAMS_WAITS.total_seconds()):
                await bot.post(message)
        if bot.is_dead or bot.is_paused:
            await self._is_up.wait()
            await self.bot.post(message)
        self._under_way = ""

    async def look(self, person: Person) -> dict[str, Seen]:
        """Let someone look at the cards that answered their requests; return what they see, by ID.

        Such a card refreshes itself, so it may have been sent at any moment of its request's life.
        """
        self.exchanges.end()
        await self._is_up.wait()
        bot = self.bot
        return {
            seen.id: await bot.look(person, seen)
            for seen in self._seen_by.sent_to(person)
            if _answered_a_request(seen)
        }

    async def press(self, person: Person, card: Seen | None, title: str) -> None:
        """Press a button of a card, if there is one."""
        if card:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TEAMS_WAITS.total_seconds()):
                    await self.bot.press(person, card, title)

    def last(self, person: Person, title: str, status: str = "") -> Seen | None:
        """Return the newest message with this title, and status, in someone's chat."""
        cards = [seen for seen in self._seen_by.sent_to(person) if seen.title == title]
        return next((seen for seen in reversed(cards) if status in seen.words), None)

    def patience(self, due: datetime) -> timedelta:
        """Return how late something due may be: only after an interruption."""
        if self.interrupted_at is None or due < self.interrupted_at - ON_TIME:
            return ON_TIME
        return max(ON_TIME, self.interrupted_at + _RECOVERED_AFTER - due)


def _answered_a_request(seen: Seen) -> bool:
    refresh = seen.card.get("refresh", {}).get("action", {}).get("data", {})
    return bool(refresh.get(verbs.CARD) == REQUESTER_CARD)


class ScenarioStoppedError(Exception):
    """Raised when something never came."""
