"""A rotation's dependents don't wait for each other, in the whole program."""

from bench import dependents
from bench.modes import virtual


def test_three_dependents_take_as_long_as_one() -> None:
    mode = virtual()

    one, three, times = mode.run(dependents.side_by_side(mode, many=3))

    assert times.held
    assert one.measured == three.measured
