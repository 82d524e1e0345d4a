"""Messages that are drawn again say nothing that isn't true any more."""

from dataclasses import replace

import pytest

from cards.access.event_card import holder_card, requester_card, requester_summary
from cards.access.review_card import review_card, review_summary
from cards.access.window_card import approver_card, warning_card, warning_summary, window_summary
from domain.access.assignment import End
from domain.access.request import Request
from domain.access.transitions import break_glass, changes, ends, extensions, starts, waiting
from domain.workflow import Event
from tests.cards.reading_cards import texts, whole_text
from tests.cards.scenarios import (
    ADA,
    BO,
    CY,
    DANA,
    HOUR,
    NO_LONGER_COUNTS,
    STARTS,
    a_request,
    active,
    granting,
    minutes,
    missing,
    planned,
    scheduled,
    taken,
)

GRANTED = changes.grant(granting(), minutes(5), minutes(5))
WARNED = ends.warn(active(), minutes(80))
ASKED = extensions.ask_extension(active(), DANA, HOUR, minutes(81))
EXTENDED = extensions.extend(active(), ADA, HOUR, minutes(83)).head
ENDED_EARLY = changes.end_early(active(), BO, minutes(30)).head
OVER = changes.end(active(), minutes(95)).head
TWO = replace(a_request(), terms=replace(a_request().terms, min_approvals=2))
BY_BOTH = changes.approve(changes.approve(TWO, ADA, minutes(2)).head, BO, minutes(3)).head


def reminded() -> Event:
    return waiting.remind(a_request(), minutes(60)).events[0]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (granting(), "Approved: Dana Developer's request for demo-api-key in kv-demo was approved"),
        (BY_BOTH, "was approved by Ada Approver and Bo Backup."),
        (OVER, "was approved by Ada Approver."),
        (
            starts.refuse_start(replace(scheduled(), approvals=()), NO_LONGER_COUNTS, STARTS).head,
            "Approved: Dana Developer's request for demo-api-key in kv-demo was approved.",
        ),
        (
            changes.deny(a_request(), BO, "", minutes(61)).head,
            "Denied: Bo Backup denied Dana Developer's request",
        ),
        (
            changes.cancel(a_request(), DANA, minutes(61)).head,
            "Cancelled: Dana Developer's request",
        ),
        (
            changes.end_early(scheduled(), BO, minutes(61)).head,
            "was approved by Ada Approver. Bo Backup called it off before its start.",
        ),
        (changes.lapse(a_request(), minutes(480)).head, "kv-demo wasn't decided within 8 hours."),
    ],
)
def test_a_reminder_says_how_the_request_was_decided(request_: Request, expected: str) -> None:
    assert expected in window_summary(request_, reminded())
    assert "Still waiting" not in whole_text(approver_card(request_, reminded()))


def test_a_reminder_waits_until_then() -> None:
    half = changes.approve(TWO, ADA, minutes(61)).head

    for pending in (a_request(), planned(), half):
        assert "Still waiting for approval" in texts(approver_card(pending, reminded()))


def test_a_question_about_more_time_says_that_it_is_decided() -> None:
    for request, end in ((EXTENDED, "16:40"), (active(), "15:40")):
        seen = window_summary(request, ASKED.events[0])

        assert seen.startswith("Extension decided: Dana Developer asked for 1 hour more access to")
        assert f"Access now ends on 21 Nov 2026, {end} UTC." in seen


def test_a_question_about_more_time_for_a_colleague_names_them() -> None:
    for_cy = replace(active(), beneficiary=CY.as_person())

    assert "asked for 1 hour more access for Cy Chief to" in window_summary(for_cy, ASKED.events[0])


def test_a_question_about_more_time_that_nobody_answered_says_so() -> None:
    over = changes.end(ASKED.head, minutes(95)).head

    seen = window_summary(over, ASKED.events[0])

    assert seen.startswith("Extension not decided in time: ")
    assert "ends on" not in seen


def test_a_question_about_more_time_of_access_that_ended_early_has_no_end_of_its_time() -> None:
    removed = changes.close_missing(ASKED.head, ASKED.head.assignments[0], minutes(85)).head

    for ended in (changes.end_early(ASKED.head, DANA, minutes(85)).head, removed):
        seen = window_summary(ended, ASKED.events[0])

        assert seen.startswith("Extension not decided: ")
        assert "in time" not in seen


def test_who_ended_it_early_reads_that_more_time_was_not_decided_by_then() -> None:
    ending = changes.end_early(ASKED.head, DANA, minutes(85)).head
    ended = changes.revoke(ending, [End(shared=False, found=True)], minutes(86))

    seen = whole_text(requester_card(ended.head, ended.events[0]))

    assert "Your request for 1 hour more hadn't been decided by then." in seen
    assert "in time" not in seen


@pytest.mark.parametrize(
    "event",
    [
        *break_glass.take(a_request(), ()).events,
        *break_glass.ask_review(taken(), minutes(1_440)).events,
    ],
)
def test_a_question_about_a_review_says_who_reviewed_it(event: Event) -> None:
    reviewed = break_glass.review(taken(), ADA, "An incident, INC0042", minutes(1_500)).head

    seen = whole_text(review_card(reviewed, event, buttons=True))

    assert "Break-glass access reviewed" in seen
    assert "Ada Approver  has reviewed it." in seen
    assert "Review An incident, INC0042" in seen
    assert "has to review" not in seen
    assert review_summary(reviewed, event).startswith("Break-glass access reviewed: ")


def test_a_warning_says_that_access_was_extended() -> None:
    seen = warning_summary(EXTENDED, WARNED.events[0])

    assert seen == (
        "Access extended: You can read demo-api-key in kv-demo until 21 Nov 2026, 16:40 UTC. It "
        "was extended; before, it was until 21 Nov 2026, 15:40 UTC."
    )
    assert "actions" in warning_card(EXTENDED, WARNED.events[0])


def test_a_warning_for_a_colleague_says_whose_access_was_extended() -> None:
    for_cy = replace(EXTENDED, beneficiary=CY.as_person())

    assert "Cy Chief can read" in warning_summary(for_cy, WARNED.events[0])
    assert "You can read" in warning_summary(for_cy, WARNED.events[0], for_holder=True)


def test_the_message_about_a_grant_says_that_it_was_extended() -> None:
    seen = requester_summary(EXTENDED, GRANTED.events[0])

    assert seen.startswith("Access granted: You can read demo-api-key in kv-demo until 21 Nov 2026")
    assert "16:40 UTC. It was extended; before, it was until 21 Nov 2026, 15:40 UTC." in seen
    assert "for 1 hour 30 minutes" not in seen


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (ENDED_EARLY, "Bo Backup  ended it early."),
        (changes.end_early(active(), DANA, minutes(30)).head, "You ended it early."),
        (missing(), "Someone else removed the role assignment in Azure before access was due"),
    ],
)
def test_a_message_with_the_end_says_that_it_came_early(request_: Request, expected: str) -> None:
    warned = warning_card(request_, WARNED.events[0])
    granted = requester_card(request_, GRANTED.events[0])

    assert "Ended early" in texts(warned)
    assert "actions" not in warned
    assert [action["title"] for action in granted["actions"]] == ["Open in the Azure portal"]
    for drawn in (warned, granted):
        seen = whole_text(drawn)
        assert "Your access to  demo-api-key  in  kv-demo  was to end on" in seen
        assert expected in seen
        assert "You can read" not in seen
        assert "az keyvault" not in seen


def test_the_messages_of_a_colleagues_access_say_the_same() -> None:
    for_cy = replace(ENDED_EARLY, beneficiary=CY.as_person())

    assert "Cy Chief 's access to  demo-api-key  in  kv-demo  was to end" in whole_text(
        requester_card(for_cy, GRANTED.events[0])
    )
    assert "Your access to  demo-api-key  in  kv-demo  was to end" in whole_text(
        holder_card(for_cy, GRANTED.events[0])
    )


def test_a_message_that_is_sent_after_the_end_offers_no_access() -> None:
    granted = whole_text(requester_card(OVER, GRANTED.events[0]))
    warned = whole_text(warning_card(OVER, WARNED.events[0]))

    for seen in (granted, warned):
        assert "Your access to  demo-api-key  in  kv-demo  was to end on" in seen
    assert "az keyvault" not in granted
    assert "Access ends soon" not in warned
