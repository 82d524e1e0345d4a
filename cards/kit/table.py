"""Tables, for figures that a chart shows as well."""

import re
from collections.abc import Sequence

from microsoft_teams.cards import (
    CardElement,
    ColumnDefinition,
    Table,
    TableCell,
    TableRow,
    TextBlock,
)

from cards.kit.elements import caption, paragraph, run

_LIST = re.compile(r"\d+[.)] ")
"""An item of a list in Markdown, and the beginning of a German date: `28. Nov.`"""


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, foreign: int = 0) -> Table:
    """Draw a table of our own text; only the first ``foreign`` columns can come from anyone.

    The first column is twice as wide as the others. Screen readers read the columns' names with
    each cell.
    """
    widths = [2, *([1] * (len(columns) - 1))]
    return Table(
        columns=[ColumnDefinition(width=width) for width in widths],
        first_row_as_headers=True,
        show_grid_lines=False,
        spacing="Small",
        rows=[
            _row([caption(name) for name in columns]),
            *(_row(_cells(row, foreign)) for row in rows),
        ],
    )


def _cells(row: Sequence[str], foreign: int) -> list[CardElement]:
    own = [_own(said) for said in row[foreign:]]
    return [*(paragraph(run(said)) for said in row[:foreign]), *own]


def _own(said: str) -> CardElement:
    return paragraph(run(said)) if _LIST.match(said) else TextBlock(text=said, wrap=True)


def _row(cells: Sequence[CardElement]) -> TableRow:
    return TableRow(cells=[TableCell(items=[cell]) for cell in cells])
