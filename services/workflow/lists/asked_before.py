"""The rows of who asked for what before, in the partition of a grantee's lists.

A row is written with the entry of the grantee's list, before the request, so it costs no
transaction. Unlike the entry it stays when the request is over; retention removes it. It is stale
if the request was never stored; readers look whether it was.
"""

import asyncio
from contextlib import suppress
from datetime import datetime

from domain.access.request import Request
from services.faults import Conflict
from services.storage.table import Delete, Insert, Table
from services.workflow.lists import former_history, history_rows


def rows_of(request: Request) -> list[Insert]:
    """Return the rows of a new request, one for each secret."""
    return [Insert(key, {}) for key in _keys(request)]


async def forget(table: Table, partition: str, request: Request) -> None:
    """Remove a request's rows; does nothing where there are none."""
    for key in _keys(request):
        with suppress(Conflict):
            await table.transact(partition, [Delete(key)])


async def read(
    table: Table, partition: str, person_id: str, secret: str, since: datetime, most: int
) -> list[str]:
    """Return the IDs of the requests for a secret, newest first, also of older versions' rows."""
    prefix, stop = _prefix(secret), history_rows.behind(history_rows.inverted(since))
    former = former_history.person_partition(person_id, secret)
    found = await asyncio.gather(
        table.range(partition, prefix, f"{prefix}{stop}", most),
        table.range(former, "", stop, most),
    )
    positions = {row.key.removeprefix(prefix) for rows in found for row in rows}
    return [history_rows.workflow_of(one) for one in sorted(positions)[:most]]


def _keys(request: Request) -> list[str]:
    at = history_rows.position(request.requested_at, request.id)
    prefixes = dict.fromkeys(_prefix(target.secret) for target in request.asked_for)
    return [f"{prefix}{at}" for prefix in prefixes]


def _prefix(secret: str) -> str:
    return f"before~{history_rows.digest(secret)}~"
