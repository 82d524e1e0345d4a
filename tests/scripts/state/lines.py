"""Rows of a backup, as tests write them."""

from typing import Any

from scripts.state.rows import StoredRow, line_of


def a_row(partition: str, key: str, etag: str = "1", **values: Any) -> StoredRow:
    content = {"PartitionKey": partition, "RowKey": key, **values}
    return StoredRow(partition, key, line_of(content), etag)
