"""Which ticket patterns are accepted, and what they match."""

import pytest

from domain.access.rules.ticket import (
    LONGEST_PATTERN,
    LONGEST_TEXT,
    is_safe_pattern,
    names_ticket,
)


@pytest.mark.parametrize(
    "pattern",
    [
        r"CHG-\d+",
        r"(CHG|INC)-?\d{4,8}",
        r"\b[A-Z]{2,10}-\d{1,6}\b",
        r"(?:JIRA|OPS) #\d+",
        r"https://tickets\.contoso\.com/\d+",
        r"[A-Z]+-\d{1,8}",
        "#",
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


@pytest.mark.parametrize(
    ("accepted", "rejected"),
    [
        ("a{1,100}b{1,100}", "a{1,100}b{1,101}"),
        ("a+b{1,10}", "a+b{1,11}"),
        ("a*b{1,9}", "a*b{1,9}c?"),
        ("a{4,}b{1,10}", "a{4,}b{1,11}"),
        ("(?:a{1,10}){4}", "(?:a{1,10}){4}b?"),
        ("(a{1,100}){2}", "(a{1,101}){2}"),
        ("[ab]{1,100}[cd]{1,100}", "[ab]{1,100}[cd]{1,101}"),
        (r"\d{1,100}\w{1,100}", r"\d{1,100}\w{1,101}"),
        ("(a|b){1,12}", "(a|b){1,13}"),
        ("[*]b{1,10}", "[*]*b{1,10}"),
        ("[a]b{1,1000}", "[a]{0,10}b{1,1000}"),
        ("[](a+)+]", "[)](a+)+]"),
        ("a+X", "a++X"),
        ("(a{1,5000}|b{1,5000})", "(a{1,5000}|b{1,5001})"),
        ("(a|b{1,97}|c){1,2}", "(a|b{1,97}|c){1,2}d?"),
        ("(a{1,9}|b)c{1,1000}", "(a{1,9}|b)c{0,1000}"),
        ("a{1,10}b{0,999}", "a{1,10}b{0,1000}"),
        ("(a{2}){1,9999}b", "(a?){14}b"),
    ],
)
def test_a_pattern_matches_in_at_most_ten_thousand_ways(accepted: str, rejected: str) -> None:
    assert is_safe_pattern(accepted)
    assert not is_safe_pattern(rejected)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d\D\w\W\s\S\b\B",
        r"\.\-\+\*\?\(\)\[\]\{\}\|\^\$\/\\\#\_\ ",
        "[a-z]]",
        "[^]a-c]",
        r"[a\\\\]b",
    ],
)
def test_every_supported_piece_of_a_pattern_is_read(pattern: str) -> None:
    assert is_safe_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\A",
        "a{1,2}{3}",
        "a?+",
        "[a[b]",
        r"[a\]b]",
        r"[\][](a+)+b]",
        "[^][](a+)+b]",
        "(?a:b)",
        "(?<!a)b",
        "(a",
        "a|*",
        "(|*)",
        "a\\",
    ],
)
def test_what_cannot_be_counted_is_rejected(pattern: str) -> None:
    assert not is_safe_pattern(pattern)


def test_only_the_beginning_of_a_very_long_text_is_searched() -> None:
    before = "x" * (LONGEST_TEXT - 1)

    assert names_ticket(f"{before}1", r"\d")
    assert not names_ticket(f"{before}x1", r"\d")
