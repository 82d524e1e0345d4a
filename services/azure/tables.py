"""The table that everything is stored in, in Azure Table Storage or Cosmos DB."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from azure.core import MatchConditions
from azure.core.async_paging import AsyncItemPaged
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableEntity, UpdateMode
from azure.data.tables.aio import TableClient

from services.answer_time import seconds_left_to_record
from services.azure.calls.errors import code_of, status_of, translated
from services.azure.calls.transports import following_a_change
from services.faults import Conflict, Unavailable
from services.storage.table import MOST_OPERATIONS, Delete, Insert, Operation, Replace, Row, Value

SERVICE = "Table Storage"

_PAGE = 1_000
_SMALL_PAGE = 250  # half a megabyte in memory
_RANGE = "PartitionKey eq @partition and RowKey ge @start and RowKey lt @stop"
_KEYS = frozenset({"PartitionKey", "RowKey"})

_Write = tuple[str, dict[str, Any], dict[str, Any]]
"""An operation in the SDK's format: its name, the row, and its conditions."""

# A string property holds 32 Ki UTF-16 units, and a character takes at most two. Longer strings
# continue in properties named after the first: ``text``, ``text__1``, ``text__2``, …
_PART = 16_000
_MARK = "__"


class AzureTable:
    """One table, behind ``services.storage.table.Table``.

    The SDK resends a transaction after a 5xx. If the first attempt was carried out after all, the
    second one conflicts with it, and the caller gets Conflict for a change that is in the table.
    So Conflict means "load again and decide again", never "someone else won".

    Within a turn, everything ends in time for its answer, the SDK's other tries too.
    """

    def __init__(self, client: TableClient) -> None:
        """Take an SDK client; the caller closes it."""
        self._client = client
        # Cosmos DB doesn't sort query results (Microsoft Learn, "Azure Table Storage and Azure
        # Cosmos DB for Table: differences"), so there the first rows are known only at the end.
        self._is_ordered = ".table.cosmos" not in client.url

    async def ensure_exists(self) -> None:
        """Create the table unless it exists."""
        with translated(SERVICE):
            try:
                await self._client.create_table()
            except ResourceExistsError as error:
                if code_of(error) != "TableAlreadyExists":
                    raise

    async def get(self, partition: str, key: str) -> Row | None:
        """Read one row; None if there is none."""
        async with _in_time():
            try:
                return _row(await self._client.get_entity(partition, key))
            except ResourceNotFoundError as error:
                if _is_about_the_table(error):
                    raise
                return None

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        """Read the rows with ``start <= key < stop`` in the order of their keys."""
        rows: list[Row] = []
        async with _in_time():
            entities = self._query(partition, start, stop, min(limit or _PAGE, _PAGE))
            async for entity in entities:
                rows.append(_row(entity))
                if self._is_ordered and len(rows) == limit:
                    break
        return sorted(rows, key=lambda row: row.key)[:limit]

    async def pages(self, partition: str, start: str, stop: str) -> AsyncIterator[Sequence[Row]]:
        """Read the same rows in any order, some at a time, so that memory never holds all."""
        pages = self._query(partition, start, stop, _SMALL_PAGE).by_page()
        while True:
            async with _in_time():
                page = await anext(pages, None)
                rows = [] if page is None else [_row(entity) async for entity in page]
            if page is None:
                return
            yield rows

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        """Carry out all operations or none; return their new ETags.

        If none of the tries was answered, or one that was may still be carried out, the outcome is
        unknown.
        """
        if not 0 < len({each.key for each in operations}) == len(operations) <= MOST_OPERATIONS:
            raise ValueError("a transaction has 1 to 100 operations, each on another row")
        writes = [_sdk_operation(partition, operation) for operation in operations]
        async with _change_in_time():
            try:
                results = await self._submit(writes)
            except HttpResponseError as error:
                if _is_conflict(error):
                    raise Conflict(f"{partition}: {code_of(error)}") from None
                raise
        return [str(result.get("etag", "")) for result in results]

    def _query(
        self, partition: str, start: str, stop: str, at_once: int
    ) -> AsyncItemPaged[TableEntity]:
        return self._client.query_entities(
            _RANGE,
            parameters={"partition": partition, "start": start, "stop": stop},
            results_per_page=at_once,
        )

    async def _submit(self, writes: Sequence[_Write]) -> Sequence[Mapping[str, Any]]:
        """Write a single row without a transaction, which is a third of the work.

        A deletion is always in a transaction: outside one, deleting a missing row succeeds.
        """
        match writes:
            case [("create", entity, _)]:
                return [await self._client.create_entity(entity)]
            case [("update", entity, how)]:
                return [await self._client.update_entity(entity, **how)]
            case _:
                return await self._client.submit_transaction(writes)


@asynccontextmanager
async def _in_time(*, changes: bool = False) -> AsyncIterator[None]:
    """Raise faults of the table, also if there is no answer in time for that of the turn."""
    seconds = seconds_left_to_record()
    if seconds == 0:
        cause = "request not sent: there was no time left to answer in"
        raise Unavailable(SERVICE, cause, outcome_unknown=False)
    try:
        async with asyncio.timeout(seconds):
            with translated(SERVICE, changes=changes):
                yield
    except TimeoutError:
        cause = "no answer in time for the answer to a person"
        raise Unavailable(SERVICE, cause, outcome_unknown=changes) from None


@asynccontextmanager
async def _change_in_time() -> AsyncIterator[None]:
    """Do the same for a change; its outcome is unknown if that of one of its tries is."""
    with following_a_change() as change:
        try:
            async with _in_time(changes=True):
                yield
        except Unavailable as fault:
            fault.outcome_unknown |= change.may_be_carried_out
            raise


def _is_conflict(error: HttpResponseError) -> bool:
    return status_of(error) in {404, 409, 412} and not _is_about_the_table(error)


def _is_about_the_table(error: HttpResponseError) -> bool:
    """Say whether the whole table is missing or being deleted, not just a row."""
    return (code_of(error) or "").startswith("Table")


def _sdk_operation(partition: str, operation: Operation) -> _Write:
    entity: dict[str, Any] = {"PartitionKey": partition, "RowKey": operation.key}
    match operation:
        case Insert(values=values):
            return "create", entity | _properties(values), {}
        case Replace(values=values, etag=etag):
            condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
            return "update", entity | _properties(values), {"mode": UpdateMode.REPLACE, **condition}
        case Delete(etag=None):
            return "delete", entity, {}
        case Delete(etag=etag):
            condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
            return "delete", entity, condition


def _properties(values: Mapping[str, Value]) -> dict[str, Value]:
    properties: dict[str, Value] = {}
    for name, value in values.items():
        if _MARK in name or name in _KEYS:
            raise ValueError(f"a value can't be named {name}: the table reserves that name")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{name} is a datetime without a time zone")
        if isinstance(value, str):
            properties.update(_parts(name, value))
        else:
            properties[name] = value
    return properties


def _parts(name: str, text: str) -> Iterator[tuple[str, str]]:
    yield name, text[:_PART]
    for number, start in enumerate(range(_PART, len(text), _PART), start=1):
        yield f"{name}{_MARK}{number}", text[start : start + _PART]


def _row(entity: TableEntity) -> Row:
    etag = str(entity.metadata["etag"])
    return Row(entity["PartitionKey"], entity["RowKey"], _values(entity), etag)


def _values(entity: Mapping[str, Any]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    parts: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for property_name, value in entity.items():
        name, mark, number = property_name.rpartition(_MARK)
        if mark:
            parts[name][int(number)] = value
        elif property_name not in _KEYS:
            values[property_name] = _plain(value)
    for name, rest in parts.items():
        values[name] = "".join([str(values[name]), *(rest[number] for number in sorted(rest))])
    return values


def _plain(value: Value) -> Value:
    """Turn the SDK's datetime subclass, which keeps its source text, into a plain datetime."""
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())
    return value
