"""Writes CSV files that spreadsheets open without running anything."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters of a cell that a spreadsheet may run; some accept full-width forms."""


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write a whole file: the names of the columns, and rows; a missing cell is empty."""
    return header_of(columns) + rows_of(columns, rows)


def header_of(columns: Sequence[str]) -> bytes:
    """Write the first line, after a BOM, so that spreadsheets recognise UTF-8."""
    return _written(columns, [{name: name for name in columns}]).encode("utf-8-sig")


def rows_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows without the first line, to be added to a file."""
    return _written(columns, rows).encode()


def _written(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow({name: inert(str(value)) for name, value in row.items()})
    return text.getvalue()


def inert(cell: str) -> str:
    """Escape a cell so that no spreadsheet treats it as a formula."""
    return f"'{cell}" if cell.startswith(_LIVE) else cell
