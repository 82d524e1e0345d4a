"""Differences in an event."""

from dataclasses import replace

import pytest

from domain.policies.differences import Difference
from domain.policies.fields import Plain
from domain.policies.record import MOST_RECORDED, number_left_out, read, recorded

MANY = tuple(f"p{number}" for number in range(30, 0, -1))
"""Names that aren't in the order of the alphabet."""


def a_difference(before: Plain = None, after: Plain = True, *secrets: str) -> Difference:
    return Difference(
        secrets=secrets or ("a",), field="field", before=before, after=after, widens=True
    )


def test_what_is_recorded_can_be_read() -> None:
    those = [a_difference(*values) for values in ((None, True), (1, 2), ("a", "b"), (("a",), ()))]
    those += [replace(those[0], widens=False), replace(those[0], is_new=True)]

    assert read(recorded(those)) == tuple(those)


def test_an_event_without_differences_has_none() -> None:
    assert read("") == ()


def test_only_the_first_are_recorded() -> None:
    those = [a_difference(number) for number in range(40)]

    assert read(recorded(those)) == tuple(those[:MOST_RECORDED])


def test_of_a_long_list_what_is_new_is_recorded() -> None:
    (found,) = read(recorded([a_difference(MANY, (*MANY, "z-new"))]))

    assert found.after == ("z-new", *MANY[:10], "+20")
    assert number_left_out("+20") == 20


def test_of_a_long_list_what_is_gone_is_recorded() -> None:
    (found,) = read(recorded([a_difference((*MANY, "z-gone"), MANY)]))

    assert found.before == ("z-gone", *MANY[:10], "+20")


def test_of_a_long_list_that_is_new_the_first_names_are_recorded() -> None:
    (found,) = read(recorded([a_difference(None, MANY)]))

    assert found.after == (*MANY[:11], "+19")


def test_of_many_secrets_the_first_are_recorded() -> None:
    (found,) = read(recorded([a_difference(1, 2, *MANY)]))

    assert found.secrets == (*MANY[:11], "+19")


def test_a_list_that_is_just_short_enough_is_recorded_whole() -> None:
    (found,) = read(recorded([a_difference(MANY[:12], MANY[:11])]))

    assert (found.before, found.after) == (MANY[:12], MANY[:11])


@pytest.mark.parametrize("name", ["20 more", "+", "+x", "a", "20", ""])
def test_a_name_stands_for_no_others(name: str) -> None:
    assert number_left_out(name) == 0


def test_a_long_text_is_cut() -> None:
    (found,) = read(recorded([a_difference("", "x" * 5_000, "s" * 5_000)]))

    assert (len(str(found.after)), len(found.secrets[0])) == (200, 200)
