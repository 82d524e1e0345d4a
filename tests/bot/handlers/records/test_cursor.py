"""A cursor comes back unchanged, and a made-up one is refused."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from bot.handlers.records.cursor import read_cursor, write_cursor
from domain.audit.history import Filter
from domain.refusals.records import PageGone
from services.workflow.lists.history_rows import position as position_of
from tests.bot.edge import START

PERSON = "4f0d2b9e-6a31-4c8e-9f57-0a1b2c3d4e5f"
POSITION = position_of(START, "req-aaaaaaaaaa")


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(person=PERSON),
        Filter(secret="demo-api-key"),
        Filter(person=PERSON, secret="demo-api-key", since=START),
    ],
)
def test_a_cursor_comes_back_unchanged(wanted: Filter) -> None:
    assert read_cursor(write_cursor(wanted, POSITION)) == (wanted, POSITION)


def test_the_cursor_of_the_first_page_has_no_position() -> None:
    assert read_cursor(write_cursor(Filter(), None)) == (Filter(), None)


@pytest.mark.parametrize(
    "parts",
    [
        None,
        5,
        [],
        {},
        [None, None, None],
        [None, None, None, "1~req"],
        [None, None, None, POSITION, None],
        ["somebody", None, None, POSITION],
        [5, None, None, POSITION],
        [None, "no/secret", None, POSITION],
        [None, ["demo-api-key"], None, POSITION],
        [None, None, "yesterday", POSITION],
        [None, None, "2026-03-02T09:30:00", POSITION],
        [None, None, 5, POSITION],
        [None, None, None, f"{POSITION}/../x"],
    ],
)
def test_a_made_up_cursor_is_refused(parts: Any) -> None:
    forged = urlsafe_b64encode(json.dumps(parts).encode()).decode()

    with pytest.raises(PageGone):
        read_cursor(forged)


@pytest.mark.parametrize("text", ["", "x", "🎉", "=" * 8, "a" * 1_001, "////"])
def test_anything_but_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(PageGone):
        read_cursor(text)
