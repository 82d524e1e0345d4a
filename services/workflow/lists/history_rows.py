"""The rows of the history index: everything, by secret, by person, and by both.

They stand in the shard of their workflow and are written with its events, in the same transaction,
so none is missing and none is stale. Keys count time backwards: the newest rows come first, and a
page costs only what it shows. A workflow's position is the inverted time of its opening and its ID;
a row for who caused a later event has the event's number behind it, so no event finds its row
already there.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from domain.audit.history import Filter, Opening, Workflow, opening_of
from domain.workflow import Event
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Row, Table, in_batches

MONTHS = "history-months-in-shards"
"""The partition that lists the months in which workflows were opened."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME = 10**17  # microseconds: beyond the year 5000
_END_OF_MONTHS = 9999_99


def opening_rows(head: Workflow) -> list[Insert]:
    """Return the rows of a workflow that is opened; none for kinds that aren't in history."""
    opening = opening_of(head)
    if opening is None:
        return []
    at = position(opening.at, head.id)
    return [Insert(f"{prefix}{at}", {}) for prefix in _prefixes(opening, opening.people)]


def actor_rows(head: Workflow, events: Sequence[tuple[int, Event]]) -> list[Insert]:
    """Return the rows of who caused some events, given with their numbers, unless they opened it.

    One of several events by the same person is enough.
    """
    opening = opening_of(head)
    if opening is None:
        return []
    at = position(opening.at, head.id)
    first = {event.actor.object_id: number for number, event in reversed(events) if event.actor}
    return [
        Insert(f"{prefix}{at}~{number:06d}", {})
        for person, number in sorted(first.items())
        if person not in opening.people
        for prefix in _of_person(person, opening)
    ]


async def remove(table: Table, workflow_id: str, opening: Opening, people: Sequence[str]) -> None:
    """Remove a workflow from the history of everyone; does nothing where it isn't."""
    shard, at = keys.shard_of(workflow_id), position(opening.at, workflow_id)
    starts = [f"{prefix}{at}" for prefix in _prefixes(opening, people)]
    while True:
        found = await asyncio.gather(*(table.range(shard, one, behind(one)) for one in starts))
        deletions = [Delete(row.key) for rows in found for row in rows]
        try:
            for batch in in_batches(deletions):
                await table.transact(shard, batch)
        except Conflict:
            continue  # another replica removed some of them
        return


def prefix_of(wanted: Filter) -> str:
    """Return what the keys of a filter's rows begin with, in every shard."""
    if wanted.person and wanted.secret:
        return f"{keys.HISTORY}~both~{wanted.person}~{digest(wanted.secret)}~"
    if wanted.person:
        return f"{keys.HISTORY}~person~{wanted.person}~"
    if wanted.secret:
        return f"{keys.HISTORY}~secret~{digest(wanted.secret)}~"
    return f"{keys.HISTORY}~all~"


def position(at: datetime, workflow_id: str) -> str:
    """Return where a workflow that was opened then is in the history."""
    return f"{inverted(at)}~{workflow_id}"


def position_of(row: Row, prefix: str) -> str:
    """Return the position in a row's key, which begins with this."""
    return "~".join(row.key.removeprefix(prefix).split("~")[:2])


def behind(at: str) -> str:
    """Return what sorts behind all rows of a position, and before the next one."""
    return f"{at}~~"


def workflow_of(at: str) -> str:
    return at.partition("~")[2]


def inverted(at: datetime) -> str:
    """Format an instant so that text order is newest first."""
    return f"{_END_OF_TIME - (at - _EPOCH) // timedelta(microseconds=1):017d}"


def month_of(at: str) -> str:
    """Return the month, in UTC, of a position."""
    instant = _EPOCH + timedelta(microseconds=_END_OF_TIME - int(at.partition("~")[0]))
    return f"{instant:%Y-%m}"


def month_key(month: str) -> str:
    """Format a month so that text order is newest first."""
    year, _, number = month.partition("-")
    return f"{_END_OF_MONTHS - int(year + number):06d}~{month}"


async def note_month(table: Table, month: str) -> None:
    """Note that workflows are opened in a month; does nothing if it is noted."""
    if await table.get(MONTHS, month_key(month)) is None:
        with suppress(Conflict):
            await table.transact(MONTHS, [Insert(month_key(month), {})])


async def oldest_month(table: Table, partition: str = MONTHS) -> date | None:
    """Return the first day of the oldest month that is noted; None if there are none."""
    rows = await table.range(partition, "", "~")
    return date.fromisoformat(f"{workflow_of(rows[-1].key)}-01") if rows else None


def digest(secret: str) -> str:
    """Hash a secret's name for a key, as a requested name may not be valid in keys."""
    return sha256(secret.casefold().encode()).hexdigest()[:32]


def _prefixes(opening: Opening, people: Sequence[str]) -> Iterator[str]:
    yield prefix_of(Filter())
    for secret in dict.fromkeys(map(digest, opening.secrets)):
        yield f"{keys.HISTORY}~secret~{secret}~"
    for person in dict.fromkeys(people):
        yield from _of_person(person, opening)


def _of_person(person: str, opening: Opening) -> Iterator[str]:
    yield prefix_of(Filter(person=person))
    for secret in dict.fromkeys(map(digest, opening.secrets)):
        yield f"{keys.HISTORY}~both~{person}~{secret}~"
