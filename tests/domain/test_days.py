"""Days for people to type."""

from datetime import date

import pytest

from domain.days import parse_day


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("1 dec 2026", date(2026, 12, 1)),
        ("1. dez. 2026", date(2026, 12, 1)),
        ("01 december 2026", date(2026, 12, 1)),
        ("2. märz 2026", date(2026, 3, 2)),
        ("29 feb 2028", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_as_cards_show_it(typed: str, expected: date) -> None:
    assert parse_day(typed.split()) == expected


@pytest.mark.parametrize(
    "typed",
    [
        *("", "2026-13-01", "2026-02-30", "26-12-01", "20261201", "30 feb 2026", "0 may 2026"),
        *("1 dec", "dec 2026", "1 dec 26", "1 decembre 2026", "1 dec 2026 22:00", "31. x 2026"),
    ],
)
def test_what_is_no_day_is_not_guessed(typed: str) -> None:
    assert parse_day(typed.split()) is None
