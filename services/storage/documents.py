"""A key-value store of small JSON documents, each in its own partition.

A key can contain any characters: the partition is named by its hash, and the key is a value.
"""

import json
from asyncio import gather
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from services.faults import Conflict
from services.storage.table import Delete, Insert, Replace, Row, Table, Value

Json = dict[str, Any]

ANY_ETAG = "*"

_ROW = "document"
# An entity holds 1 MiB in UTF-16. JSON is written in ASCII, so a character takes two bytes. The
# rest is left for the key and the names.
_MAX_CHARACTERS = 900 * 1024 // 2
_MAX_ATTEMPTS = 5


class Document(NamedTuple):
    """A document as read; its ETag changes whenever it does."""

    content: Json
    etag: str


class DocumentTooLarge(ValueError):
    """The document doesn't fit in a row."""

    def __init__(self, characters: int) -> None:
        super().__init__(
            f"the document has {characters:,} characters of JSON; the limit is {_MAX_CHARACTERS:,}"
        )


class Documents:
    """Reads, writes and deletes documents by key, in the same table as everything else."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self, keys: Iterable[str]) -> dict[str, Document]:
        """Read the documents with these keys, as far as they exist."""
        wanted = list(keys)
        rows = await gather(*(self._table.get(_partition(key), _ROW) for key in wanted))
        return {key: _document(row) for key, row in zip(wanted, rows, strict=True) if row}

    async def write(self, key: str, content: Json, etag: str | None) -> str:
        """Write a document and return its new ETag.

        With an ETag, the document must still have it; with None, it must not exist; `ANY_ETAG`
        overwrites anything. Raises Conflict otherwise, and `DocumentTooLarge`.
        """
        values = _values(key, content)
        if etag == ANY_ETAG:
            return await self._overwrite(key, values)
        return await self._put(key, values, etag)

    async def delete(self, key: str) -> None:
        """Delete a document; does nothing if it doesn't exist."""
        try:
            await self._table.transact(_partition(key), [Delete(_ROW)])
        except Conflict:
            return

    async def _overwrite(self, key: str, values: dict[str, Value]) -> str:
        for _ in range(_MAX_ATTEMPTS):
            row = await self._table.get(_partition(key), _ROW)
            try:
                return await self._put(key, values, row.etag if row else None)
            except Conflict:
                continue  # someone wrote in between: overwrite that as well
        raise Conflict

    async def _put(self, key: str, values: dict[str, Value], etag: str | None) -> str:
        operation = Insert(_ROW, values) if etag is None else Replace(_ROW, values, etag)
        etags = await self._table.transact(_partition(key), [operation])
        return etags[0]


def _partition(key: str) -> str:
    return f"document~{sha256(key.encode()).hexdigest()}"


def _values(key: str, content: Json) -> dict[str, Value]:
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    if len(text) > _MAX_CHARACTERS:
        raise DocumentTooLarge(len(text))
    return {"document_key": key[:1024], "json": text}


def _document(row: Row) -> Document:
    return Document(json.loads(str(row.values["json"])), row.etag)
