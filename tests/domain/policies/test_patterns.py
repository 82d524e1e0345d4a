"""Which patterns apply to a same secret."""

from itertools import product
from string import ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policies import patterns
from domain.policies.patterns import pairs
from domain.policies.rule import Rule

NAMES = st.lists(st.text("ab*", min_size=1, max_size=4), max_size=4).map(
    lambda names: [name if "*" in name else f"{name}*" for name in names]
)


def paired(before: list[str], after: list[str]) -> set[tuple[str | None, str | None]]:
    found = pairs([Rule(name) for name in before], [Rule(name) for name in after])
    return {(old.name if old else None, new.name if new else None) for old, new in found}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["*"], ["*"], {("*", "*")}),
        (["prod-*", "*"], ["prod-*", "*"], {("prod-*", "prod-*"), ("*", "*")}),
        (["*"], ["prod-*", "*"], {("*", "prod-*"), ("*", "*")}),
        (["prod-*"], ["*"], {("prod-*", "*"), (None, "*")}),
        (["prod-*"], [], {("prod-*", None)}),
        (["a*"], ["*b"], {("a*", None), (None, "*b"), ("a*", "*b")}),
        (["a*", "*b"], ["*b", "a*"], {("a*", "*b"), ("a*", "a*"), ("*b", "*b")}),
        (["*", "a*"], ["a*", "*"], {("*", "a*"), ("*", "*")}),
        (["a*"], ["b*"], {("a*", None), (None, "b*")}),
        (["exact"], ["other"], set()),
    ],
)
def test_the_first_pattern_that_matches_counts(
    before: list[str], after: list[str], expected: set[tuple[str | None, str | None]]
) -> None:
    assert paired(before, after) == expected


@given(NAMES, NAMES)
def test_every_name_has_one_of_the_pairs(before: list[str], after: list[str]) -> None:
    found = paired(before, after)

    for letters in product("abc", repeat=3):
        assert _of("".join(letters), before, after) in {*found, (None, None)}


def test_if_it_takes_too_long_every_pair_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST_SORTS", 2)

    assert paired(["a*"], ["b*"]) == {("a*", None), (None, "b*"), ("a*", "b*")}


def test_a_name_has_no_letter_but_those_that_there_are() -> None:
    letters = f"{ascii_lowercase}{digits}-"

    found = paired(["b*c"], [f"b{letter}*" for letter in letters])

    assert ("b*c", None) not in found
    assert ("b*c", "bx*") in found


def test_many_patterns_are_compared_all_the_same() -> None:
    before = [f"{one}{other}-*" for one in ascii_lowercase for other in "abc"]

    assert len(paired(before, [*before[1:], before[0]])) == len(before)


def _of(secret: str, before: list[str], after: list[str]) -> tuple[str | None, str | None]:
    old, new = [
        next((name for name in names if Rule(name).covers(secret)), None)
        for names in (before, after)
    ]
    return old, new
