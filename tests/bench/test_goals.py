"""A benchmark says what was measured, what it should be, and whether that is held."""

from bench.goals import Goal, at_least, at_most, table
from bench.trend import Trend


def test_a_limit_is_held_up_to_its_own_digits() -> None:
    assert at_most("late", 1.004, 1, " s").held
    assert not at_most("late", 1.006, 1, " s").held
    assert at_least("times", 1.696, 1.7).held
    assert not at_least("times", 1.694, 1.7).held


def test_a_table_names_the_machine_and_each_goal() -> None:
    kept, missed = at_most("late", 0.5, 1, " s"), Goal("memory", "≤ 200 MB", "201 MB", held=False)

    title, *lines = table("a run", [kept, missed]).splitlines()

    assert title.startswith("a run; ")
    assert [line.split()[-1] for line in lines] == ["held", "HELD"]
    assert lines[0].split() == ["late", "≤", "1.00", "s", "0.50", "s", "held"]
    assert lines[1].split() == ["memory", "≤", "200", "MB", "201", "MB", "NOT", "HELD"]


def test_growth_is_that_of_the_line_of_best_fit() -> None:
    assert Trend([10, 12, 14]).growth == 4
    assert Trend([10, 12, 10, 12, 10]).growth == 0
    assert Trend([14, 12, 10]).share == -4 / 12


def test_what_comes_and_goes_does_not_raise_the_floor() -> None:
    assert Trend([5, 9, 5, 7, 9, 9, 20, 5, 30]).floor_growth == 0
    assert Trend([5, 9, 5, 7, 9, 9, 20, 8, 30]).floor_growth == 3
