"""The rows of the history index: by month, by person, by secret, and by both.

Rows are written before their workflow, so that none is missing; a row whose workflow was never
written is stale, and readers skip it. Keys count time backwards: the newest rows come first, and
a page costs only what it shows. People who decide something are added when the outbox announces
the event, so that the click itself needs no further write.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from domain.audit.history import Filter, Opening
from services.faults import Conflict
from services.storage.table import Delete, Insert, Table

MONTHS = "history-months"
"""The partition that lists the months that have rows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME = 10**17  # microseconds: beyond the year 5000
_END_OF_MONTHS = 9999_99


async def index_opening(table: Table, workflow_id: str, opening: Opening) -> None:
    """Write the rows of a workflow before it is opened; does nothing if they exist."""
    month = f"{opening.at.astimezone(UTC):%Y-%m}"
    key = row_key(opening.at, workflow_id)
    partitions = [
        month_partition(month),
        *(secret_partition(secret) for secret in opening.secrets),
        *_of_people(opening.people, opening.secrets),
    ]
    await asyncio.gather(
        _ensure(table, MONTHS, month_key(month)),
        *(_put(table, partition, key) for partition in partitions),
    )


async def index_people(
    table: Table, workflow_id: str, opening: Opening, people: Iterable[str]
) -> None:
    """Add a workflow to these people's history; does nothing if it is there."""
    key = row_key(opening.at, workflow_id)
    partitions = _of_people(people, opening.secrets)
    await asyncio.gather(*(_put(table, partition, key) for partition in partitions))


async def remove(table: Table, workflow_id: str, opening: Opening, people: Iterable[str]) -> None:
    """Remove a workflow from the history of everyone; does nothing where it isn't."""
    key = row_key(opening.at, workflow_id)
    partitions = [
        month_partition(f"{opening.at.astimezone(UTC):%Y-%m}"),
        *(secret_partition(secret) for secret in opening.secrets),
        *_of_people(people, opening.secrets),
    ]
    await asyncio.gather(*(_delete(table, one, key) for one in dict.fromkeys(partitions)))


def partition_of(wanted: Filter) -> str | None:
    """Return the partition for a filter, or None if it needs every month's."""
    if wanted.person:
        return person_partition(wanted.person, wanted.secret)
    return secret_partition(wanted.secret) if wanted.secret else None


def month_partition(month: str) -> str:
    return f"history-month~{month}"


def person_partition(person: str, secret: str | None) -> str:
    name = f"history-person~{person}"
    return f"{name}~{digest(secret)}" if secret else name


def secret_partition(secret: str) -> str:
    return f"history-secret~{digest(secret)}"


def month_key(month: str) -> str:
    """Format a month so that text order is newest first."""
    year, _, number = month.partition("-")
    return f"{_END_OF_MONTHS - int(year + number):06d}~{month}"


def row_key(at: datetime, workflow_id: str) -> str:
    return f"{inverted(at)}~{workflow_id}"


def inverted(at: datetime) -> str:
    """Format an instant so that text order is newest first."""
    return f"{_END_OF_TIME - (at - _EPOCH) // timedelta(microseconds=1):017d}"


def month_of(key: str) -> str:
    """Return the month, in UTC, of a row's key."""
    at = _EPOCH + timedelta(microseconds=_END_OF_TIME - int(key.partition("~")[0]))
    return f"{at:%Y-%m}"


async def oldest_month(table: Table) -> date | None:
    """Return the first day of the oldest month that has rows; None if there are none."""
    rows = await table.range(MONTHS, "", "~")
    return date.fromisoformat(f"{workflow_of(rows[-1].key)}-01") if rows else None


def workflow_of(key: str) -> str:
    return key.partition("~")[2]


def digest(secret: str) -> str:
    """Hash a secret's name for a key, as a requested name may not be valid in keys."""
    return sha256(secret.casefold().encode()).hexdigest()[:32]


def _of_people(people: Iterable[str], secrets: Iterable[str]) -> list[str]:
    names = (None, *secrets)
    return [person_partition(person, secret) for person in people for secret in names]


async def _ensure(table: Table, partition: str, key: str) -> None:
    """Write a row that usually exists already."""
    if await table.get(partition, key) is None:
        await _put(table, partition, key)


async def _put(table: Table, partition: str, key: str) -> None:
    try:
        await table.transact(partition, [Insert(key, {})])
    except Conflict:
        return  # an earlier attempt or someone else wrote it


async def _delete(table: Table, partition: str, key: str) -> None:
    try:
        await table.transact(partition, [Delete(key)])
    except Conflict:
        return  # it is gone, or was never written
