"""Looks people up in the sources that are available."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.people import Person
from services.answer_time import half_of_the_time, slowest
from services.clock import Clock
from services.faults import (
    AccountDisabled,
    Fault,
    Rejected,
    Unavailable,
    described,
    unanswered,
)
from services.ports import People
from services.values import is_guid

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=10)
"""How long an answer from the directory is cached."""

LONGEST = 320
"""How many characters an email address has at most; nobody has a longer one, nor a longer ID."""

BRIEFLY = timedelta(seconds=2)
"""How long a person who clicks waits for the directory."""


class Directory:
    """People by email or Entra object ID, from the first source that knows them.

    ``chats`` knows the people who have messaged the bot. It is only a fallback for a source that
    doesn't answer, since it doesn't say who has left.
    """

    def __init__(
        self, sources: Sequence[People], clock: Clock, chats: People | None = None
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._chats = chats
        self._known: dict[str, tuple[datetime, Person]] = {}

    async def find_all(self, who: Sequence[str]) -> tuple[Person, ...]:
        """Return the people who can be found, each once, in the given order.

        Raises Unavailable if no one was found and a lookup failed.
        """
        found, outage = await self.find_each(who)
        if outage and not found:
            raise outage
        return found

    async def find_each(self, who: Sequence[str]) -> tuple[tuple[Person, ...], Unavailable | None]:
        """Return the same, and the last failed lookup: without one, the others don't exist."""
        # All at once: people wait, and a source that hangs is waited for each time.
        looked_up = await asyncio.gather(*map(self._find_if_answered, who))
        found = {person.object_id: person for person, _ in looked_up if person}
        outages = [outage for _, outage in looked_up if outage]
        return tuple(found.values()), outages[-1] if outages else None

    async def _find_if_answered(self, who: str) -> tuple[Person | None, Unavailable | None]:
        try:
            return await self.find(who), None
        except Unavailable as fault:
            return None, fault

    async def find(self, who: str) -> Person | None:
        """Find an enabled person; raises Unavailable if not found while a source fails.

        During an outage, cached answers stay valid, and so does an object ID: it identifies a
        person, but doesn't say whether they are a guest.
        """
        now = self._clock()
        known = self._known.get(who.lower())
        if known and now - known[0] < FRESH:
            return known[1]
        try:
            person = await self._ask(who)
        except Unavailable:
            if known:
                return known[1]
            if not is_guid(who):
                raise
            person = await self._by_chat(who)
            if person is None:
                return Person(who.lower(), who, guest=None)
        if person:
            self._known[who.lower()] = (now, person)
        return person

    async def find_now(self, object_id: str) -> Person | None:
        """Find an enabled person in the directory as it is now, not as it was cached.

        It has a short timeout; None also if the directory doesn't answer.
        """
        try:
            async with asyncio.timeout(BRIEFLY.total_seconds()):
                return await self._look_up(object_id)
        except (AccountDisabled, Unavailable, TimeoutError) as fault:
            log.warning("%s can't be confirmed by the directory: %s", object_id, described(fault))
            return None

    async def is_gone(self, object_id: str) -> bool:
        """Return whether the directory now has this person as disabled or removed.

        The directory is asked again, with a short timeout; without an answer, no one counts as
        gone. Nor does anyone whom Teams still shows in their chat with the bot, unless disabled.
        """
        try:
            async with asyncio.timeout(BRIEFLY.total_seconds()):
                return await self.is_surely_gone(object_id)
        except (Unavailable, TimeoutError):
            return False

    async def is_surely_gone(self, object_id: str) -> bool:
        """Like ``is_gone``, but raises Unavailable without an answer.

        Earlier answers about someone who is gone aren't relied on any more.
        """
        is_gone = await self._is_gone(object_id)
        if is_gone:
            self._known = {
                who: known for who, known in self._known.items() if known[1].object_id != object_id
            }
        return is_gone

    async def _is_gone(self, object_id: str) -> bool:
        try:
            if await self._look_up(object_id):
                return False
        except AccountDisabled:
            return True
        return await self._by_chat(object_id) is None

    async def _by_chat(self, object_id: str) -> Person | None:
        """Find a person through their own chat with the bot."""
        try:
            return await self._chats.find(object_id) if self._chats else None
        except Fault as fault:
            log.warning("can't look up %s in their chat: %s", object_id, fault)
            return None

    async def _ask(self, who: str) -> Person | None:
        """Ask the sources; raises Unavailable if none knows the person and not all answered."""
        try:
            return await self._look_up(who)
        except AccountDisabled as fault:
            log.warning("%r is not an enabled person: %s", who, fault)
            return None  # don't ask the next source: a team's roster keeps such accounts

    async def _look_up(self, who: str) -> Person | None:
        """Like ``_ask``, but raises AccountDisabled for a disabled account."""
        if len(who) > LONGEST:
            log.warning("a name of %s characters isn't looked up", len(who))
            return None
        failed: Fault | None = None
        for source in self._sources:
            try:
                async with half_of_the_time():
                    person = await source.find(who)
            except AccountDisabled:
                raise
            except TimeoutError:
                log.warning("can't look up %r: no answer in time", who)
                failed = failed or Unavailable(slowest() or "the directory", "no answer in time")
                continue
            except Rejected as fault:
                log.warning("%r can't be looked up: %s", who, fault)
                continue  # counts as an answer: there is no such address
            except Fault as fault:
                log.warning("can't look up %r: %s", who, fault)
                failed = failed or fault
                continue
            if person:
                return person
        if failed is None:
            log.warning("%r is not an enabled person in the directory", who)
            return None
        raise unanswered(failed)
