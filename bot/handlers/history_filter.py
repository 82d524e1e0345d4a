"""Resolve a typed history filter to people, secrets and times."""

from bot.handlers.history_commands import Wanted
from bot.handlers.person_reader import PersonReader, who_is_named
from bot.turn import TurnFacts
from domain.audit.history import Filter
from domain.durations import parse_duration
from domain.refusals import NotASecretName, UnreadablePeriod
from domain.secrets import is_secret_name
from services.clock import Clock
from services.values import is_guid


class FilterReader:
    """Resolves ``[NAME|@person] [last 7d]``; refuses what it can't resolve."""

    def __init__(self, people: PersonReader, clock: Clock) -> None:
        self._people = people
        self._clock = clock

    async def read(self, turn: TurnFacts, wanted: Wanted) -> Filter:
        """Read a filter; what it says of rights is decided elsewhere."""
        since = None
        if wanted.last:
            period = parse_duration(wanted.last)
            if period is None:
                raise UnreadablePeriod
            since = self._clock() - period
        if not wanted.subject:
            return Filter(since=since)
        who = who_is_named(turn, wanted.subject)
        if who is not None:
            called = wanted.subject.removeprefix("@")
            return Filter(person=await self._find(who, called), since=since)
        if not is_secret_name(wanted.subject):
            raise NotASecretName
        return Filter(secret=wanted.subject, since=since)

    async def _find(self, who: str, called: str) -> str:
        """Find a person's object id; someone who left the directory is found by object id."""
        if is_guid(who):
            return who.lower()
        return (await self._people.find(who, called)).object_id
