"""Writes CSV files that spreadsheets open without running anything."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters of a cell that a spreadsheet may run; some accept full-width forms."""


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows as CSV; a missing cell is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: inert(str(value)) for name, value in row.items()})
    return text.getvalue().encode("utf-8-sig")  # with a BOM, so that spreadsheets recognise UTF-8


def inert(cell: str) -> str:
    """Escape a cell so that no spreadsheet treats it as a formula."""
    return f"'{cell}" if cell.startswith(_LIVE) else cell
