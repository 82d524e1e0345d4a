"""Trouble with one person's requests slows nobody else's.

`make chaos` runs all cells and prints them: docs/proof.md.
"""

from collections.abc import Callable

import pytest

from tests.chaos.one_person import CELLS, OnePersonCell
from tests.support.deployment import Trust


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, marks=() if cell.is_always_run else pytest.mark.chaos, id=str(cell))
        for cell in CELLS
    ],
)
def test_nobody_else_waits(
    cell: OnePersonCell, trust: Trust, record_property: Callable[[str, object], None]
) -> None:
    neighbour = cell.live(trust)
    record_property(str(cell), cell.said(neighbour) if neighbour.took else "")

    assert cell.broken_promises(neighbour) == []
