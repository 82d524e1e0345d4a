"""Resolve a typed history filter to people, secrets and times."""

from datetime import datetime, timedelta

from bot.handlers.lines.history_commands import ShowReport, Wanted
from bot.handlers.person_reader import PersonReader, who_is_named
from bot.turn import TurnFacts
from domain.audit import report
from domain.audit.history import Filter
from domain.durations import parse_duration, write_duration
from domain.refusals.records import PeriodTooLong, UnreadablePeriod
from domain.refusals.secrets import NotASecretName
from domain.secrets import is_secret_name
from services.clock import Clock
from services.values import is_guid

LONGEST = timedelta(days=3_660)
"""The longest period: nothing is older, and every date stays in the calendar."""


class FilterReader:
    """Resolves ``[NAME|@person] [last 7d]``; refuses what it can't resolve."""

    def __init__(self, people: PersonReader, clock: Clock) -> None:
        self._people = people
        self._clock = clock

    async def read(self, turn: TurnFacts, wanted: Wanted) -> Filter:
        """Read a filter; what it says of rights is decided elsewhere."""
        since = self.since(wanted.last) if wanted.last else None
        if not wanted.subject:
            return Filter(since=since)
        who = who_is_named(turn, wanted.subject)
        if who is not None:
            called = wanted.subject.removeprefix("@")
            return Filter(person=await self._find(turn, who, called), since=since)
        if not is_secret_name(wanted.subject):
            raise NotASecretName
        return Filter(secret=wanted.subject, since=since)

    def report(self, command: ShowReport) -> Filter:
        """Read what a report is about."""
        if command.secret and not is_secret_name(command.secret):
            raise NotASecretName
        since = self.since(command.last or write_duration(report.USUAL), report.LONGEST)
        return Filter(secret=command.secret or None, since=since)

    def since(self, last: str, longest: timedelta = LONGEST) -> datetime:
        """Return when a typed period starts."""
        period = parse_duration(last)
        if period is None:
            raise UnreadablePeriod
        if period > longest:
            raise PeriodTooLong(longest)
        return self._clock() - period

    async def _find(self, turn: TurnFacts, who: str, called: str) -> str:
        """Find a person's object id; someone who left the directory is found by object id."""
        if is_guid(who):
            return who.lower()
        return (await self._people.find(turn, who, called)).object_id
