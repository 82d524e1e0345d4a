"""Differences in an event."""

import pytest

from domain.policies.differences import Difference
from domain.policies.fields import Plain
from domain.policies.record import MOST_RECORDED, number_left_out, read, recorded


def a_difference(before: Plain = None, after: Plain = True, *secrets: str) -> Difference:
    return Difference(
        secrets=secrets or ("a",), field="field", before=before, after=after, widens=True
    )


def test_what_is_recorded_can_be_read() -> None:
    those = [a_difference(*values) for values in ((None, True), (1, 2), ("a", "b"), (("a",), ()))]

    assert read(recorded(those)) == tuple(those)


def test_only_the_first_are_recorded() -> None:
    those = [a_difference(number) for number in range(40)]

    assert read(recorded(those)) == tuple(those[:MOST_RECORDED])


def test_of_a_long_list_what_is_new_is_recorded() -> None:
    before = tuple(f"p{number}" for number in range(30))

    (found,) = read(recorded([a_difference(before, (*before, "new"))]))

    assert isinstance(found.after, tuple)
    assert (found.after[0], found.after[-1], len(found.after)) == ("new", "+20", 12)
    assert number_left_out(found.after[-1]) == 20


@pytest.mark.parametrize("name", ["20 more", "+", "+x", "a", "20", ""])
def test_a_name_stands_for_no_others(name: str) -> None:
    assert number_left_out(name) == 0


def test_a_long_text_is_cut() -> None:
    (found,) = read(recorded([a_difference("", "x" * 5_000, "s" * 5_000)]))

    assert (len(str(found.after)), len(found.secrets[0])) == (200, 200)
