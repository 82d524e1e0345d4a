"""Leases that were read at other times than the workflows."""

import json

from scripts.state.leases import fitting
from scripts.state.rows import StoredRow, values_of
from tests.scripts.state.lines import a_row


def _held(*holders: str) -> StoredRow:
    return a_row("lease-a", "a1", holders=json.dumps(holders), deleting=False, scope="s")


def _deleting(*holders: str, **more: str) -> StoredRow:
    return a_row("lease-a", "a1", holders=json.dumps(holders), deleting=True, scope="s", **more)


def _holders(rows: list[StoredRow]) -> list[list[str]]:
    return [json.loads(values_of(row)["holders"]) for row in rows]


def test_a_lease_that_fits_is_kept_as_it_is() -> None:
    assert list(fitting([_held("req-a")], [_held("req-a")], {"req-a"})) == [_held("req-a")]


def test_a_holder_whose_request_is_not_about_to_hold_is_left_out() -> None:
    rows = list(fitting([_held("req-a")], [_held("req-a", "req-b")], {"req-a"}))

    assert _holders(rows) == [["req-a"]]


def test_a_lease_that_was_taken_or_released_meanwhile_is_kept_for_its_holder() -> None:
    taken = list(fitting([], [_held("req-a")], {"req-a"}))
    released = list(fitting([_held("req-a")], [], {"req-a"}))
    being_deleted = list(fitting([_held("req-a")], [_deleting()], {"req-a"}))

    assert [_holders(rows) for rows in (taken, released, being_deleted)] == [[["req-a"]]] * 3


def test_a_lease_without_any_holder_left_is_none() -> None:
    assert list(fitting([_held("req-a")], [_held("req-a")], set())) == []


def test_a_deletion_in_progress_is_left_to_whoever_deletes() -> None:
    assert list(fitting([], [_deleting("orp-a")], {"orp-a"})) == []


def test_a_deletion_that_may_be_carried_out_late_keeps_its_end() -> None:
    row = _deleting(free_at="2026-03-02T09:00:00.000000Z")

    assert list(fitting([row], [row], set())) == [row]
