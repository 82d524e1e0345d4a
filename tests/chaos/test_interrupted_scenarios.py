"""Wherever the bot is killed, and whatever happens late, all ends as if nothing had been.

`make chaos` runs all cells and prints them: docs/proof.md.
"""

from collections.abc import Callable

import pytest

from tests.chaos import kills, lateness
from tests.chaos.counted_cells import twice
from tests.chaos.interrupted_scenarios import run, undisturbed
from tests.chaos.kills import KillCell
from tests.chaos.lateness import LateCell
from tests.support.deployment import Trust

# A killed process closes nothing, and what it left open is found by the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function _SelectorTransport.__del__"
)

CELLS: tuple[KillCell | LateCell, ...] = (*kills.CELLS, *lateness.CELLS)


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, marks=() if cell.is_always_run else pytest.mark.chaos, id=str(cell))
        for cell in CELLS
    ],
)
def test_all_ends_as_if_nothing_had_been(
    cell: KillCell | LateCell, trust: Trust, record_property: Callable[[str, object], None]
) -> None:
    interruptions = cell.interruptions(undisturbed(trust, cell.scenario).exchanges)

    outcome = run(trust, cell.scenario, interruptions)
    record_property(str(cell), outcome.said())
    record_property(twice(cell), outcome.repeated)

    assert interruptions
    assert "\n".join(outcome.broken) == ""
