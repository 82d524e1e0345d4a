"""Rows of the table as lines of JSON, in the format that the service itself speaks.

A type that JSON has no values for stands beside the value, as ``due@odata.type``.
"""

import json
import math
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from azure.data.tables import EdmType, EntityProperty, TableEntity

_TYPE = "@odata.type"


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as a line of the file; `etag` is the table's, and empty for a row of a file."""

    partition: str
    key: str
    line: bytes
    etag: str = ""

    @property
    def name(self) -> tuple[str, str]:
        return self.partition, self.key


def read_entity(entity: TableEntity) -> StoredRow:
    """Return a row of the table; raises ValueError for a value of an unknown type."""
    partition, key = str(entity["PartitionKey"]), str(entity["RowKey"])
    content: dict[str, Any] = {}
    for name, value in entity.items():
        edm_type, written = _written(value)
        content[name] = written
        if edm_type:
            content[name + _TYPE] = edm_type.value
    return StoredRow(partition, key, line_of(content), str(entity.metadata["etag"]))


def read_line(line: bytes) -> StoredRow:
    """Return a row of a file; raises LookupError or ValueError if it isn't one."""
    content = json.loads(line)
    return StoredRow(str(content["PartitionKey"]), str(content["RowKey"]), line)


def line_of(content: Mapping[str, Any]) -> bytes:
    """Return JSON as a line; equal contents have equal lines."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def values_of(row: StoredRow) -> dict[str, Any]:
    """Return the values as they stand in the line, with the names of their types."""
    values: dict[str, Any] = json.loads(row.line)
    return values


def entity_of(row: StoredRow) -> dict[str, Any]:
    """Return a row for the SDK, with the types that its values had."""
    content = values_of(row)
    return {
        name: _typed(value, content.get(name + _TYPE))
        for name, value in content.items()
        if not name.endswith(_TYPE)
    }


def _written(value: Any) -> tuple[EdmType | None, Any]:
    match value:
        case EntityProperty(value=inner, edm_type=edm_type):
            return _written_as(EdmType(edm_type), inner)
        case bool() | int() | str():
            return None, value
        case datetime():
            return EdmType.DATETIME, _instant(value)
        case float():
            return EdmType.DOUBLE, value if math.isfinite(value) else _spelled(value)
        case UUID():
            return EdmType.GUID, str(value)
        case bytes():
            return EdmType.BINARY, b64encode(value).decode()
        case _:
            raise ValueError(f"a value of the unknown type {type(value).__name__}")


def _written_as(edm_type: EdmType, value: Any) -> tuple[EdmType, Any]:
    if edm_type is not EdmType.INT64:
        raise ValueError(f"a value of the unknown type {edm_type.value}")
    return edm_type, str(value)  # JSON's numbers needn't have 64 bits


def _instant(value: datetime) -> str:
    # The SDK's subclass keeps the text, which has seven digits of a second; Python keeps six.
    text = getattr(value, "tables_service_value", "")
    return str(text or f"{value:%Y-%m-%dT%H:%M:%S.%f}Z")


def _spelled(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _typed(value: Any, edm_type: str | None) -> Any:
    match edm_type:
        case None:
            return value
        case EdmType.BINARY:
            return b64decode(value)
        case EdmType.INT64:
            return EntityProperty(int(value), EdmType.INT64)
        case _:
            return EntityProperty(value, EdmType(edm_type))
