"""Audit messages about the policy file."""

import pytest

from cards.operations.policy_file_card import policy_file_card, policy_file_summary
from domain.policies.differences import Difference
from domain.policy_file import changes as change
from domain.policy_file.changes import MOST_ERRORS_LISTED
from domain.workflow import Event
from tests.cards.policy_file_scenarios import POLICY_FILE_EVENTS
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import minutes

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def test_a_file_in_force_is_named_by_its_digest() -> None:
    changed = change.adopt(None, DIGEST, minutes(0))

    said = whole_text(policy_file_card(changed.head, changed.events[0]))

    assert "Policy file in force" in said
    assert "9f86d081884c7d65" in said


def test_a_rejected_file_shows_each_error() -> None:
    changed = change.refuse(None, DIGEST, ["line 3: **one**", "line 7: two"], minutes(0))

    said = whole_text(policy_file_card(changed.head, changed.events[0]))

    assert "it has 2 errors" in said
    assert "line 3: **one**\nline 7: two" in said


def test_the_first_of_many_errors_are_shown_and_all_are_counted() -> None:
    changed = change.refuse(None, DIGEST, [f"line {number}: x" for number in range(40)], minutes(0))

    said = whole_text(policy_file_card(changed.head, changed.events[0]))

    assert f"it has 40 errors; the first {MOST_ERRORS_LISTED} are listed below" in said
    assert "line 9: x" in said
    assert "line 10: x" not in said


def test_a_change_is_said_in_words_and_what_is_left_out_is_counted() -> None:
    those = [
        Difference(secrets=(f"s{number}",), field="longest", before=1, after=2, widens=True)
        for number in range(20)
    ]
    changed = change.adopt(None, DIGEST, minutes(0), those)

    said = whole_text(policy_file_card(changed.head, changed.events[0]))

    assert "s11: at most 2 seconds instead of 1 second" in said
    assert "s12" not in said
    assert "… and 8 more." in said


def test_what_waits_is_apart_from_what_already_applies() -> None:
    file, event = POLICY_FILE_EVENTS["waits"]

    said = whole_text(policy_file_card(file, event))

    allows, takes_away = said.partition("What it allows")[2].split("What it takes away")
    assert "avery@x and robin@x can approve payments-api-key (before: avery@x)" in allows
    assert "old-api-key: can't be requested any more" in takes_away


def test_a_change_of_comments_says_that_the_rules_are_the_same() -> None:
    changed = change.adopt(None, DIGEST, minutes(0), ())

    said = whole_text(policy_file_card(changed.head, changed.events[0]))

    assert "Nothing changes: the rules are the same as before." in said


def test_the_notification_says_what_happened() -> None:
    (event,) = change.refuse(None, "", ["gone"], minutes(0)).events

    assert policy_file_summary(event).startswith(
        "Policy file rejected: The changed policy file can't be used: it has one error."
    )


def test_an_unknown_kind_of_event_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="there is no message for"):
        policy_file_summary(Event("granted", minutes(0)))


@pytest.mark.parametrize("name", POLICY_FILE_EVENTS)
def test_every_message_has_its_own_words(name: str, snapshot: object) -> None:
    file, event = POLICY_FILE_EVENTS[name]

    assert policy_file_card(file, event) == snapshot


@pytest.mark.parametrize("name", POLICY_FILE_EVENTS)
def test_only_a_file_that_waits_has_buttons(name: str) -> None:
    file, event = POLICY_FILE_EVENTS[name]

    titles = [each["title"] for each in policy_file_card(file, event).get("actions", [])]

    assert titles == (["Accept", "Reject"] if name == "waits" else [])
