"""The list of rotated secrets."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.kit.elements import Content
from cards.kit.listing import Paging
from cards.rotation.rotations_card import RotationRow, by_urgency, rotations_card
from domain.rotation.rotation import RotationState
from domain.rotation.schedule import LookFault
from tests.cards.expiry_watch_scenarios import unwatched
from tests.cards.reading_cards import texts, whole_text
from tests.cards.rotation_scenarios import ROWS
from tests.cards.scenarios import NOW
from tests.support.reading import buttons


def test_the_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert _drawn(ROWS) == card_snapshot


def test_an_empty_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert _drawn([]) == card_snapshot


@pytest.mark.parametrize("outcome", RotationState)
def test_every_outcome_has_a_text(outcome: RotationState) -> None:
    row = RotationRow(secret="a", vault_name="v", last_run=NOW, outcome=outcome)

    seen = whole_text(_drawn([row]))

    assert "Last run on 21 Nov 2026, 14:05 UTC" in seen
    assert "no run on record" not in seen


def test_rotations_that_need_a_human_come_first() -> None:
    seen = texts(_drawn(ROWS))

    assert seen[1] == "1 secret needs a human"
    assert seen[2] == "storage-key"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (RotationRow(secret="a", vault_name="v"), ["Plan", "Rotate"]),
        (
            RotationRow(secret="a", vault_name="v", outcome=RotationState.ROTATED),
            ["Plan", "Rotate"],
        ),
        (
            RotationRow(
                secret="a", vault_name="v", outcome=RotationState.RUNNING, is_under_way=True
            ),
            ["Plan"],
        ),
        (
            RotationRow(
                secret="a", vault_name="v", outcome=RotationState.NEEDS_HUMAN, is_under_way=True
            ),
            ["Retry", "Abandon"],
        ),
    ],
)
def test_a_row_offers_what_can_be_done_now(row: RotationRow, expected: list[str]) -> None:
    assert list(buttons(_drawn([row]))) == expected


def test_a_row_for_an_earlier_run_says_nothing_of_its_secret() -> None:
    row = RotationRow(
        secret="a",
        vault_name="v",
        last_run=NOW,
        outcome=RotationState.NEEDS_HUMAN,
        is_only_run=True,
    )

    seen = texts(_drawn([row]))

    assert "Run of 21 Nov 2026, 14:05 UTC" in seen
    assert not [one for one in seen if "schedule" in one or "age" in one or "Last run" in one]


def test_a_run_that_is_due_is_not_called_the_next_one() -> None:
    row = RotationRow(secret="a", vault_name="v", next_run=NOW, is_due=True)

    seen = whole_text(_drawn([row]))

    assert "due since 21 Nov 2026, 14:05 UTC" in seen
    assert "next" not in seen


def test_several_that_need_a_human_are_counted() -> None:
    row = RotationRow(secret="a", vault_name="v", outcome=RotationState.NEEDS_HUMAN)

    assert "2 secrets need a human" in texts(_drawn([row, row]))


def test_a_single_secret_is_counted_as_one() -> None:
    assert "1 secret is rotated" in texts(_drawn(ROWS[:1]))


def test_a_full_page_of_long_names_fits_into_a_message() -> None:
    row = RotationRow(
        secret="x" * 127,
        vault_name="x" * 24,
        last_run=NOW,
        outcome=RotationState.ROTATED,
        next_run=NOW,
        current_age=timedelta(days=400),
        unwatched=unwatched(LookFault.GONE),
    )

    drawn = rotations_card([row] * 10, 400, 0, Paging("10", "20"))

    assert "400 secrets are rotated" in texts(drawn)
    assert list(buttons(drawn))[-2:] == ["First page", "Next page"]
    assert len(str(drawn)) < 20 * 1024


def test_an_unreadable_expiry_comes_before_healthy_rotations() -> None:
    seen = texts(_drawn(ROWS))

    words = "Its expiry can't be checked since 21 Nov 2026, 14:05 UTC: "
    assert f"{words}the secret doesn't exist, or was deleted" in seen
    assert seen.index("old-key") < seen.index("app-api-key")


def _drawn(rows: Sequence[RotationRow]) -> Content:
    helpless = sum(row.outcome is RotationState.NEEDS_HUMAN for row in rows)
    return rotations_card(by_urgency(rows), len(rows), helpless)
