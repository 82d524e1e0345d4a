"""Checks that the table can be read and written."""

import contextlib
from collections.abc import Iterator

from domain.diagnosis import Finding, good
from domain.phrases import phrase
from services.faults import Conflict
from services.operations.checks.check import Check
from services.storage.table import Delete, Insert, Table

_PARTITION = "doctor"
_KEY = "written-by-doctor"
_SUBJECT = phrase("Tables")
_REMEDY = phrase(
    "Give the bot {role} on the storage account.", role="Storage Table Data Contributor"
)


def store_checks(table: Table) -> Iterator[Check]:
    """Write a dummy row, read it and delete it."""

    async def look() -> Finding:
        # A conflict means that another doctor is running: the table can be written.
        with contextlib.suppress(Conflict):
            await table.transact(_PARTITION, [Insert(_KEY, {})])
        await table.get(_PARTITION, _KEY)
        with contextlib.suppress(Conflict):
            await table.transact(_PARTITION, [Delete(_KEY)])
        return good(_SUBJECT, phrase("read and written"))

    yield Check(_SUBJECT, look, _REMEDY)
