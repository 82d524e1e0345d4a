"""A rotation's dependents don't wait for each other, in the whole program."""

from bench import dependents
from bench.goals import Goal
from bench.setup.modes import virtual


def test_three_dependents_take_as_long_as_one() -> None:
    mode = virtual()

    one, three, times = mode.run(dependents.side_by_side(mode, many=3))

    assert times.held
    # The end is looked for every 0.05 s, so two runs seldom measure the same; waiting for each
    # other would cost at least one call more.
    assert abs(_seconds(three) - _seconds(one)) < dependents.LATENCY_SECONDS


def _seconds(goal: Goal) -> float:
    return float(goal.measured.removesuffix(" s"))
