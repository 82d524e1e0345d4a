"""Who the configured approvers are."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.people import Person
from services.engine import Clock
from services.faults import Fault
from services.ports import People

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=10)
"""How long an answer of the directory is believed."""


class Directory:
    """People by email or Entra object id, from the first source that knows them."""

    def __init__(self, sources: Sequence[People], clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._known: dict[str, tuple[datetime, Person]] = {}

    async def find_all(self, who: Sequence[str]) -> tuple[Person, ...]:
        """Find those who can be found, each once, in the order given."""
        found = [await self.find(one) for one in who]
        return tuple({person.object_id: person for person in found if person}.values())

    async def find(self, who: str) -> Person | None:
        """Find an enabled person; an object id is believed where no source can be asked."""
        now = self._clock()
        known = self._known.get(who.lower())
        if known and now - known[0] < FRESH:
            return known[1]
        person = await self._ask(who)
        if person:
            self._known[who.lower()] = (now, person)
        return person

    async def _ask(self, who: str) -> Person | None:
        unanswered = 0
        for source in self._sources:
            try:
                person = await source.find(who)
            except Fault as fault:
                log.warning("cannot look %s up: %s", who, fault)
                unanswered += 1
                continue
            if person:
                return person
        if unanswered == len(self._sources) and is_object_id(who):
            return Person(who.lower(), who)
        log.warning("%s is not an enabled person in the directory", who)
        return None


def is_object_id(text: str) -> bool:
    """Say whether a text is an Entra object id rather than an email."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
