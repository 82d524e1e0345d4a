"""The history as older versions wrote it: partitions by month, person, secret, and both.

They wrote a workflow's rows before the workflow, and those of people who decided something when
that was announced. Nothing is written here any more, and nothing is copied: readers read this too,
and retention removes the rows with their workflow.
"""

import asyncio
from collections.abc import Iterable

from domain.audit.history import Filter, Opening
from services.faults import Conflict
from services.storage.table import Delete, Table
from services.workflow.lists import history_rows

MONTHS = "history-months"
"""The partition that lists the months that have rows here."""


async def months(table: Table, newest: str = "", oldest: str = "") -> list[str]:
    """List the months that may have rows, newest first, between these two."""
    start = history_rows.month_key(newest) if newest else ""
    found = [history_rows.workflow_of(row.key) for row in await table.range(MONTHS, start, "~")]
    return [month for month in found if month >= oldest]


def partition_of(wanted: Filter) -> str | None:
    """Return the partition for a filter, or None if it needs every month's."""
    if wanted.person:
        return person_partition(wanted.person, wanted.secret)
    return secret_partition(wanted.secret) if wanted.secret else None


def month_partition(month: str) -> str:
    return f"history-month~{month}"


def person_partition(person: str, secret: str | None) -> str:
    name = f"history-person~{person}"
    return f"{name}~{history_rows.digest(secret)}" if secret else name


def secret_partition(secret: str) -> str:
    return f"history-secret~{history_rows.digest(secret)}"


async def remove(table: Table, workflow_id: str, opening: Opening, people: Iterable[str]) -> None:
    """Remove a workflow from here; does nothing where it isn't."""
    position = history_rows.position(opening.at, workflow_id)
    names = (None, *opening.secrets)
    partitions = [
        month_partition(history_rows.month_of(position)),
        *(secret_partition(secret) for secret in opening.secrets),
        *(person_partition(person, secret) for person in people for secret in names),
    ]
    await asyncio.gather(*(_delete(table, one, position) for one in dict.fromkeys(partitions)))


async def _delete(table: Table, partition: str, key: str) -> None:
    try:
        await table.transact(partition, [Delete(key)])
    except Conflict:
        return  # it is gone, or was never here
