"""Who is who, as far as anybody can tell right now."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.people import Person
from services.clock import Clock
from services.faults import AccountDisabled, Fault, Rejected, Unavailable
from services.ports import People
from services.values import is_guid

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=10)
"""How long an answer of the directory is believed."""

BRIEFLY = timedelta(seconds=2)
"""How long somebody who clicks waits for the directory."""


class Directory:
    """People by email or Entra object id, from the first source that knows them.

    ``chats`` knows those who have spoken to the bot. It is asked where a source does not answer,
    and then alone: it does not say who has left since.
    """

    def __init__(
        self, sources: Sequence[People], clock: Clock, chats: People | None = None
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._chats = chats
        self._known: dict[str, tuple[datetime, Person]] = {}

    async def find_all(self, who: Sequence[str]) -> tuple[Person, ...]:
        """Find those who can be found, each once, in the order given.

        Raises Unavailable where nobody was found and somebody could not be looked up.
        """
        found: dict[str, Person] = {}
        outage: Unavailable | None = None
        for one in who:
            try:
                person = await self.find(one)
            except Unavailable as fault:
                outage = fault
                continue
            if person:
                found[person.object_id] = person
        if outage and not found:
            raise outage
        return tuple(found.values())

    async def find(self, who: str) -> Person | None:
        """Find an enabled person; raises Unavailable where no source that answers knows them.

        Where one cannot be asked, what was known of them goes on being believed, and so does an
        object id: it names its person by itself, but does not say whether they are a guest.
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

    async def is_gone(self, object_id: str) -> bool:
        """Say whether the directory knows by now that this person is disabled or removed.

        It is asked anew, and briefly: without an answer nobody is taken to be gone. Nor is anybody
        whom Teams still shows in their own chat with the bot, unless they are said to be disabled.
        """
        try:
            async with asyncio.timeout(BRIEFLY.total_seconds()):
                if await self._look_up(object_id):
                    return False
                return await self._by_chat(object_id) is None
        except AccountDisabled:
            return True
        except (Unavailable, TimeoutError):
            return False

    async def _by_chat(self, object_id: str) -> Person | None:
        """Find somebody as their own chat with the bot shows them, if it does."""
        try:
            return await self._chats.find(object_id) if self._chats else None
        except Fault as fault:
            log.warning("cannot look %s up in their own chat: %s", object_id, fault)
            return None

    async def _ask(self, who: str) -> Person | None:
        """Ask the sources; raises Unavailable where nobody knows them and not all answered."""
        try:
            return await self._look_up(who)
        except AccountDisabled as fault:
            log.warning("%r is nobody here: %s", who, fault)
            return None  # whatever the next source says: a team's roster keeps such accounts

    async def _look_up(self, who: str) -> Person | None:
        """Ask the sources, as ``_ask`` does; raises AccountDisabled where an account is that."""
        unanswered: Fault | None = None
        for source in self._sources:
            try:
                person = await source.find(who)
            except AccountDisabled:
                raise
            except Rejected as fault:
                log.warning("%r cannot be looked up: %s", who, fault)
                continue  # that is an answer: no such address
            except Fault as fault:
                log.warning("cannot look %r up: %s", who, fault)
                unanswered = unanswered or fault
                continue
            if person:
                return person
        if unanswered is None:
            log.warning("%r is not an enabled person in the directory", who)
            return None
        raise Unavailable(unanswered.service, unanswered.cause)
