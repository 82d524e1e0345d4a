"""Whatever a dependency does, access ends, and what people are told is so.

`make chaos` runs all cells and prints them: docs/proof.md.
"""

from collections.abc import Callable

import pytest

from tests.chaos.matrix import CELLS, LIVES, Cell
from tests.support.deployment import Trust
from tests.support.processes import virtual_time


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, marks=() if cell.is_always_run else pytest.mark.chaos, id=str(cell))
        for cell in CELLS
    ],
)
def test_what_is_promised_holds(
    cell: Cell, trust: Trust, record_property: Callable[[str, object], None]
) -> None:
    outcome = virtual_time.run(LIVES[cell.life](trust, cell.dependency, cell.trouble))
    record_property(str(cell), cell.said(outcome))

    assert cell.broken_promises(outcome) == []
