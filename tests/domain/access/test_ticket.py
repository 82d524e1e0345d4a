"""Which ticket patterns are accepted, and what they match."""

import pytest

from domain.access.ticket import LONGEST_PATTERN, is_safe_pattern, names_ticket


@pytest.mark.parametrize(
    "pattern",
    [
        r"CHG-\d+",
        r"(CHG|INC)-?\d{4,8}",
        r"\b[A-Z]{2,10}-\d{1,6}\b",
        r"(?:JIRA|OPS) #\d+",
        r"https://tickets\.contoso\.com/\d+",
        r"[A-Z]+-\d{1,8}",
    ],
)
def test_usual_ticket_patterns_are_accepted(pattern: str) -> None:
    assert is_safe_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a|a)*b",
        "(a?){20}b",
        "a*a*b",
        r"(\d+)\1",
        "(?=CHG)",
        "(?P<ticket>a)",
        "(?i)chg",
        "a++",
        "a*?",
        "((a{1,30}){1,30}){1,30}",
    ],
)
def test_a_pattern_that_could_hang_the_matcher_is_rejected(pattern: str) -> None:
    assert not is_safe_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "CHG-(", "[a", "*", "a)", r"\q", "a" * 201, "a{9,2}"])
def test_an_invalid_pattern_is_rejected(pattern: str) -> None:
    assert not is_safe_pattern(pattern)


def test_a_pattern_of_full_length_is_checked_quickly() -> None:
    assert is_safe_pattern("a" * LONGEST_PATTERN)
    assert not is_safe_pattern("(" * (LONGEST_PATTERN // 2) + ")*" * (LONGEST_PATTERN // 2))


def test_a_ticket_is_found_anywhere_ignoring_case() -> None:
    assert names_ticket("Smoke test, see chg-4711.", r"CHG-\d+")
    assert not names_ticket("Smoke test, see CHG.", r"CHG-\d+")
