"""Workflows that change while they are read."""

import pytest

from scripts.faults import Fault
from scripts.state.rows import StoredRow
from scripts.state.settled import ROUNDS, settled, workflow_of
from tests.scripts.state.lines import a_row

AT = "98227540060000000"
PERSON = "11111111-0000-4000-8000-000000000001"
AGENDA = "agenda~2026-03-02T09:00:00.000000Z~req-a"


def _read(*reads: list[StoredRow]) -> list[StoredRow]:
    following = iter(reads)
    return list(settled(lambda: next(following), sleep=lambda _: None))


def _names(rows: list[StoredRow]) -> list[tuple[str, str]]:
    return [(row.key, row.etag) for row in rows]


def test_what_nobody_changes_is_read_twice() -> None:
    rows = [a_row("07", AGENDA), a_row("07", "workflow~req-a~head")]

    assert _names(_read(rows, rows)) == [(AGENDA, "1"), ("workflow~req-a~head", "1")]


def test_a_workflow_that_changed_between_two_pages_is_read_again() -> None:
    head, event = "workflow~req-a~head", "workflow~req-a~event-000002"
    quiet = a_row("07", "workflow~req-b~head")
    torn = [a_row("07", AGENDA), a_row("07", head, "2"), quiet]
    whole = [a_row("07", event, "2"), a_row("07", head, "2"), quiet]

    rows = _read(torn, whole, whole)

    assert _names(rows) == [("workflow~req-b~head", "1"), (event, "2"), (head, "2")]


def test_a_workflow_that_was_removed_meanwhile_is_left_out() -> None:
    assert _read([a_row("07", "workflow~req-a~head")], [], []) == []


def test_a_workflow_that_begins_meanwhile_is_left_out() -> None:
    old, new = a_row("07", "workflow~req-a~head"), a_row("07", "workflow~req-b~head")

    assert _read([old], [old, new]) == [old]


def test_a_workflow_that_never_rests_is_named() -> None:
    reads = [[a_row("07", "workflow~req-a~head", str(number))] for number in range(ROUNDS + 1)]

    with pytest.raises(Fault, match="These change all the time: req-a"):
        _read(*reads)


@pytest.mark.parametrize(
    "key",
    [
        "workflow~req-a~head",
        "workflow~req-a~message-audit~x",
        AGENDA,
        "outbox~2026-03-02T09:00:00.000000Z~req-a~000002",
        f"quarantine~{AGENDA}",
        "day~2026-03-02~req-a~000001",
        f"history~all~{AT}~req-a",
        f"history~both~{PERSON}~{'0' * 32}~{AT}~req-a",
        f"history~person~{PERSON}~{AT}~req-a~000002",
        "sealed~req-a",
        "stuck~req-a",
        "answered~req-a",
    ],
)
def test_each_kind_of_row_names_its_workflow(key: str) -> None:
    assert workflow_of(key) == "req-a"
