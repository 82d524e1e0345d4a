"""However many replicas there are, and whatever happens to one of them, all ends as with one.

`make chaos` runs all cells and prints them: docs/proof.md.
"""

from collections.abc import Callable

import pytest

from tests.chaos.counted_cells import twice
from tests.chaos.replicas import CELLS, EVERY, EXTENDED, INTERRUPTED, ReplicasCell, run
from tests.support.deployment import Trust

# A killed process closes nothing, and what it left open is found by the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function _SelectorTransport.__del__"
)


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, marks=() if cell.is_always_run else pytest.mark.chaos, id=str(cell))
        for cell in CELLS
    ],
)
def test_replicas_do_together_what_one_does_alone(
    cell: ReplicasCell, trust: Trust, record_property: Callable[[str, object], None]
) -> None:
    outcome = run(cell, trust)
    record_property(str(cell), outcome.said())
    record_property(twice(cell), outcome.repeated)

    assert outcome.interruptions > 0
    assert "\n".join(outcome.broken) == ""


@pytest.mark.parametrize("happening", INTERRUPTED)
def test_that_is_so_where_one_is_interrupted_at_some_of_its_changes(
    happening: str, trust: Trust
) -> None:
    """In all tests; the cells are interrupted at many more, and take minutes."""
    outcome = run(ReplicasCell(happening, 2, EXTENDED), trust, every=8 * EVERY)

    assert outcome.interruptions > 2
    assert "\n".join(outcome.broken) == ""
