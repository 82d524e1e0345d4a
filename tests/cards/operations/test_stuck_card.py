"""The list of stuck workflows."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.kit.listing import Paging
from cards.operations.stuck_card import SetAside, Stuck, stuck_card
from cards.operations.waiting_announcements import WaitingAnnouncements
from domain.phrases import phrase
from tests.cards.diagnoses import STUCK
from tests.cards.reading_cards import texts, whole_text
from tests.cards.scenarios import NOW, STUCK_CAUSE, active, stuck_under_a_lock, taken
from tests.support.reading import buttons


def test_the_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert stuck_card(STUCK, 0) == card_snapshot


def test_an_empty_list_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert stuck_card([], 0) == card_snapshot


def test_each_says_since_when_how_often_and_azures_answer() -> None:
    seen = whole_text(stuck_card(STUCK[:1], 0))

    assert "req-01jd7q3v9k · since 21 Nov 2026, 15:40 UTC, 1 attempt, next on" in seen
    assert STUCK_CAUSE in seen


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (STUCK[0], ["Try now", "Close"]),
        (replace(active(), revoke_since=NOW), ["Try now"]),
        (STUCK[1], ["Try now", "Close"]),
        (STUCK[2], ["Try now", "Abandon"]),
        (STUCK[3], []),
        (taken(), []),
    ],
)
def test_a_row_offers_what_an_admin_can_do(one: Stuck, expected: list[str]) -> None:
    assert list(buttons(stuck_card([one], 0)))[:-1] == expected


def test_only_what_can_be_tried_has_a_button_although_it_is_set_aside() -> None:
    said = phrase("quarantined")
    one, other = SetAside("req-01jd7q3v9k", said), SetAside("", said)

    assert list(buttons(stuck_card([], 0, [one]))) == ["Try now", "Refresh"]
    assert list(buttons(stuck_card([], 0, [other]))) == ["Refresh"]


def test_after_a_try_it_says_so() -> None:
    assert "Trying it now. Refresh the list in a moment." in texts(stuck_card([], 0, tried=True))


def test_an_unreadable_expiry_says_why_and_since_when() -> None:
    seen = whole_text(stuck_card(STUCK[3:], 0))

    assert "can't be checked: Latchkey isn't permitted to read it." in seen
    assert "sch-3f0c9a77125e6b01 · since 21 Nov 2026, 14:05 UTC, next check on" in seen
    assert "403 ForbiddenByRbac" in seen


def test_unreviewed_break_glass_access_hides_an_earlier_error() -> None:
    seen = whole_text(stuck_card([replace(taken(), cause="an old cause")], 0))

    assert "Dana Developer 's break-glass access to  demo-api-key" in seen
    assert "hasn't been reviewed yet." in seen
    assert "an old cause" not in seen


def test_what_is_not_shown_is_counted() -> None:
    drawn = stuck_card((STUCK * 3)[:10], 3, before=10, paging=Paging("10", "20"))

    assert "23 items are stuck" in texts(drawn)
    assert "… and 3 more." in texts(drawn)
    assert len(str(drawn)) < 28 * 1024


def test_access_kept_by_a_lock_says_what_ends_it() -> None:
    seen = whole_text(stuck_card([stuck_under_a_lock().head], 0))

    assert "a resource lock is blocking it. Once the lock is gone, the access will be" in seen
    assert "409 ScopeLocked: the resource group rg-demo is locked" in seen


def test_what_cannot_be_handled_is_shown_although_nothing_is_stuck() -> None:
    sentence = "quarantined: req-one can't be handled by 0.1.0/2 (WrittenByNewer)"

    seen = whole_text(stuck_card([], 0, [SetAside("req-one", phrase("{it}", it=sentence))]))

    assert sentence in seen
    assert "Nothing is stuck" not in seen


def test_waiting_announcements_alone_are_a_problem() -> None:
    seen = whole_text(stuck_card([], 0, waiting=WaitingAnnouncements(3, NOW)))

    assert "3 announcements can't be delivered" in seen
    assert "Is the bot still in the audit team?" in seen
    assert "Nothing is stuck" not in seen


def test_waiting_announcements_are_listed_with_stuck_items() -> None:
    seen = whole_text(stuck_card(STUCK, 0, waiting=WaitingAnnouncements(1, NOW)))

    assert "1 announcement  has waited since" in seen
    assert STUCK_CAUSE in seen
