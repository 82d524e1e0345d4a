"""The rows of the history index: by month, by person, by secret, and by both.

They are written before the workflow that they name, so that none is missing; a row whose workflow
was never written is stale, and readers skip it. Keys hold the time counted backwards: the newest
rows come first, and a page costs what it shows. Whoever decides something is added when the event
is announced, which the outbox sees to: the click itself costs no further write.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from domain.audit.history import Filter, Opening
from services.faults import Conflict
from services.storage.table import Insert, Table

MONTHS = "history-months"
"""The partition that names the months of which there are rows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME = 10**17  # microseconds: beyond the year 5000
_END_OF_MONTHS = 9999_99


async def index_opening(table: Table, workflow_id: str, opening: Opening) -> None:
    """Write the rows of a workflow that is going to be opened; harmless where they exist."""
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
    """Let these people find a workflow as well; harmless where they do."""
    key = row_key(opening.at, workflow_id)
    partitions = _of_people(people, opening.secrets)
    await asyncio.gather(*(_ensure(table, partition, key) for partition in partitions))


def partition_of(wanted: Filter) -> str | None:
    """Return the partition that a filter is looked up in; None for that of each month."""
    if wanted.person:
        return person_partition(wanted.person, wanted.secret)
    return secret_partition(wanted.secret) if wanted.secret else None


def month_partition(month: str) -> str:
    return f"history-month~{month}"


def person_partition(person: str, secret: str | None) -> str:
    name = f"history-person~{person}"
    return f"{name}~{_digest(secret)}" if secret else name


def secret_partition(secret: str) -> str:
    return f"history-secret~{_digest(secret)}"


def month_key(month: str) -> str:
    """Write a month so that text order is the newest first."""
    year, _, number = month.partition("-")
    return f"{_END_OF_MONTHS - int(year + number):06d}~{month}"


def row_key(at: datetime, workflow_id: str) -> str:
    return f"{inverted(at)}~{workflow_id}"


def inverted(at: datetime) -> str:
    """Write an instant so that text order is the newest first."""
    return f"{_END_OF_TIME - (at - _EPOCH) // timedelta(microseconds=1):017d}"


def month_of(key: str) -> str:
    """Return the month, in UTC, that a row's key lies in."""
    at = _EPOCH + timedelta(microseconds=_END_OF_TIME - int(key.partition("~")[0]))
    return f"{at:%Y-%m}"


def workflow_of(key: str) -> str:
    return key.partition("~")[2]


def _digest(secret: str) -> str:
    """Name a secret in a key: what was asked for need not be a name that a key can hold."""
    return sha256(secret.casefold().encode()).hexdigest()[:32]


def _of_people(people: Iterable[str], secrets: Iterable[str]) -> list[str]:
    names = (None, *secrets)
    return [person_partition(person, secret) for person in people for secret in names]


async def _ensure(table: Table, partition: str, key: str) -> None:
    """Write a row that is mostly there already."""
    if await table.get(partition, key) is None:
        await _put(table, partition, key)


async def _put(table: Table, partition: str, key: str) -> None:
    try:
        await table.transact(partition, [Insert(key, {})])
    except Conflict:
        return  # a first attempt, or somebody else, wrote it
