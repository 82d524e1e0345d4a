"""Reads of requestable secrets that no grant was there for."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.access.assignment import Assignment
from domain.access.reads import LogSpan, Read, Reader, guid_in, places_of, span_of
from domain.access.request import Request
from domain.people import Person

Key = tuple[tuple[str, str], str]
"""Which secret, and who: the object ID in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideReader:
    """Who read a secret without a grant of it, and how often."""

    secret: str
    vault: str
    person: Person | None
    """None for an application that read for itself."""
    application: str = ""
    """The client ID of an application."""
    is_latchkey: bool = False
    """Whether it was Latchkey itself: it reads what it rotates."""
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideRead:
    """One read of a secret without a grant of it; who, as in ``OutsideReader``."""

    at: datetime
    secret: str
    vault: str
    version: str
    operation: str
    assignment: str
    """The role assignment that allowed it; empty if it isn't logged."""
    person: Person | None
    application: str = ""
    is_latchkey: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideReads:
    """What the log shows of a period; the most frequent readers first."""

    span: LogSpan
    people: tuple[OutsideReader, ...] = ()
    applications: tuple[OutsideReader, ...] = ()
    reads: tuple[OutsideRead, ...] = ()
    """The reads one by one, newest first: the newest by people, or as many as could be listed."""
    silent: tuple[str, ...] = ()
    """The names of the vaults that the log has nothing of."""
    known_until: datetime
    """From when on reads may be missing, since the log lags behind."""
    is_whole: bool = True
    """Whether nothing in the log was left out of the counts."""
    is_partial: bool = False
    """Whether Log Analytics itself couldn't answer in full."""

    @property
    def count(self) -> int:
        """How many reads by people there are."""
        return sum(one.count for one in self.people)


def key_of(reader: Reader | Read) -> Key:
    return reader.place.key, reader.caller.lower()


def is_by_own_assignment(reader: Reader | Read, roles: Collection[str]) -> bool:
    """Return whether an assignment of Latchkey's allowed it: there was a grant, then.

    Its ID follows from scope, person and role. It matters where a grant of one secret opens the
    whole vault.
    """
    place = reader.place
    scopes = (place.vault_id, f"{place.vault_id}/secrets/{place.secret}")
    own = {guid_in(Assignment(scope, reader.caller, role).id) for scope in scopes for role in roles}
    return bool(reader.assignment) and guid_in(reader.assignment) in own


def spans_of_grants(requests: Iterable[Request], now: datetime) -> Mapping[Key, Sequence[LogSpan]]:
    """Return when whom Latchkey let read what."""
    spans: dict[Key, list[LogSpan]] = {}
    for request in requests:
        if span := span_of(request, now):
            for place in places_of(request):
                key = place.key, request.holder.object_id.lower()
                spans.setdefault(key, []).append(span)
    return spans


def is_under_grant(read: Read, granted: Mapping[Key, Sequence[LogSpan]]) -> bool:
    """Return whether its caller had a grant of it then."""
    return any(span.includes(read.at) for span in granted.get(key_of(read), ()))


def without_grants(
    readers: Iterable[Reader], reads: Iterable[Read], granted: Mapping[Key, Sequence[LogSpan]]
) -> list[Reader]:
    """Leave out what was read under a grant; sum up the rest, the most frequent first.

    ``reads`` are the single reads of those who had grants; of everybody else, all count.
    """
    left: dict[tuple[Key, str], Reader] = {}

    def add(reader: Reader) -> None:
        key = key_of(reader), reader.application
        known = left.get(key)
        left[key] = _added(known, reader) if known else reader

    for reader in readers:
        if key_of(reader) not in granted:
            add(reader)
    for read in reads:
        if key_of(read) in granted and not is_under_grant(read, granted):
            add(_alone(read))
    return sorted(left.values(), key=lambda one: (-one.count, one.place.secret, one.caller))


def _added(one: Reader, other: Reader) -> Reader:
    return replace(
        one,
        count=one.count + other.count,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
    )


def _alone(read: Read) -> Reader:
    return Reader(
        place=read.place,
        caller=read.caller,
        is_person=True,
        assignment=read.assignment,
        count=1,
        first=read.at,
        last=read.at,
    )
