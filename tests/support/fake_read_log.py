"""The vaults' log in memory, tested by the same contract as Log Analytics."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from domain.access.reads import (
    Logged,
    LogSpan,
    Read,
    Reader,
    ReadersFound,
    SecretOfVault,
    guid_in,
)
from tests.support.fault_queue import FaultQueue


class FakeReadLog:
    """``services.access.reads.read_log.ReadLog``, of what a test writes into it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._reads: list[tuple[Read, str]] = []
        self._heard: list[tuple[str, datetime]] = []
        self.delay = timedelta()
        """How long a line takes to arrive."""
        self.is_partial = False
        """Whether its answers about reads are incomplete."""
        self.faults = FaultQueue()
        self.asked: list[LogSpan] = []
        """What was asked about, once for each question."""

    def note(self, read: Read, application: str = "") -> None:
        """Write a line about a read, by a person unless an application is named."""
        self._reads.append((read, application))
        self.hear(read.place.vault_id, read.at)

    def hear(self, vault_id: str, at: datetime) -> None:
        """Write a line about something else."""
        self._heard.append((vault_id.lower(), at))

    async def reads(
        self,
        places: Sequence[SecretOfVault],
        callers: Sequence[str],
        span: LogSpan,
        most: int,
        assignments: Collection[str] = (),
    ) -> Logged:
        self.asked.append(span)
        with self.faults.around("reads"):
            wanted = {caller.lower() for caller in callers}
            keys = {place.key for place in places}
            vaults = {vault for vault, _ in keys}
            found = [
                read
                for read, _ in self._arrived(span)
                if (read.place.key in keys and read.caller.lower() in wanted)
                or (read.place.key[0] in vaults and guid_in(read.assignment) in assignments)
            ]
            found.sort(key=lambda read: read.at, reverse=True)
            return Logged(
                reads=tuple(found[:most]),
                heard=self._newest([place.vault_id for place in places], span),
                is_whole=len(found) <= most and not self.is_partial,
                is_partial=self.is_partial,
            )

    async def readers(
        self, places: Sequence[SecretOfVault], span: LogSpan, most: int
    ) -> ReadersFound:
        self.asked.append(span)
        with self.faults.around("readers"):
            groups: dict[tuple[SecretOfVault, str, str, str], list[datetime]] = {}
            for read, application in self._of(places, span):
                key = (read.place, read.caller, application, read.assignment)
                groups.setdefault(key, []).append(read.at)
            found = [
                Reader(
                    place=place,
                    caller=caller,
                    is_person=not application,
                    application=application,
                    assignment=assignment,
                    count=len(times),
                    first=min(times),
                    last=max(times),
                )
                for (place, caller, application, assignment), times in groups.items()
            ]
            found.sort(key=lambda reader: -reader.count)
            return ReadersFound(
                readers=tuple(found[:most]),
                heard=self._newest([place.vault_id for place in places], span),
                is_whole=len(found) <= most and not self.is_partial,
                is_partial=self.is_partial,
            )

    async def heard(self, vault_ids: Sequence[str], span: LogSpan) -> Mapping[str, datetime]:
        self.asked.append(span)
        with self.faults.around("heard"):
            return self._newest(vault_ids, span)

    def _of(self, places: Sequence[SecretOfVault], span: LogSpan) -> list[tuple[Read, str]]:
        wanted = {place.key for place in places}
        return [each for each in self._arrived(span) if each[0].place.key in wanted]

    def _arrived(self, span: LogSpan) -> list[tuple[Read, str]]:
        return [
            (read, application)
            for read, application in self._reads
            if self._has_arrived(read.at) and span.includes(read.at)
        ]

    def _newest(self, vault_ids: Sequence[str], span: LogSpan) -> dict[str, datetime]:
        wanted = {vault_id.lower() for vault_id in vault_ids}
        newest: dict[str, datetime] = {}
        for vault_id, at in self._heard:
            if vault_id in wanted and self._has_arrived(at) and span.includes(at):
                newest[vault_id] = max(at, newest.get(vault_id, at))
        return newest

    def _has_arrived(self, at: datetime) -> bool:
        return at + self.delay <= self._clock()
