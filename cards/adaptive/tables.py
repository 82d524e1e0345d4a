"""Tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from cards.adaptive.model import CardElement, Model
from cards.adaptive.values import Spacing


@dataclass(kw_only=True)
class ColumnDefinition(Model):
    """How wide a table's column is, next to the others."""

    width: float


@dataclass(kw_only=True)
class TableCell(CardElement):
    """A cell."""

    type = "TableCell"
    items: Sequence[CardElement]


@dataclass(kw_only=True)
class TableRow(CardElement):
    """A row."""

    type = "TableRow"
    cells: Sequence[TableCell]


@dataclass(kw_only=True)
class CardTable(CardElement):
    """A table."""

    type = "Table"
    columns: Sequence[ColumnDefinition]
    rows: Sequence[TableRow]
    first_row_as_headers: bool | None = None
    show_grid_lines: bool | None = None
    spacing: Spacing | None = None
