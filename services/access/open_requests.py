"""Finds open access requests through the agenda, where each of them has a row."""

import asyncio

from services.storage import keys
from services.storage.table import Table
from services.workflow.agenda import due_row

_REQUEST = "req-"


class OpenRequests:
    """Reads the whole agenda, so it is for rare operations only."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def ids(self) -> list[str]:
        """Return the IDs of the access requests that are on the agenda."""
        shards = await asyncio.gather(
            *(
                self._table.range(shard, f"{keys.AGENDA}~", f"{keys.AGENDA}~~")
                for shard in keys.SHARDS
            )
        )
        found = (due_row(row).workflow_id for rows in shards for row in rows)
        return [one for one in dict.fromkeys(found) if one.startswith(_REQUEST)]
