"""The live card of a rotation in every state, its steps, and when it has buttons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.kit.elements import Content
from cards.rotation.rotation_card import rotation_card
from domain.rotation.rotation import Rotation, RotationState
from tests.cards.hostile import HOSTILE
from tests.cards.reading_cards import texts, whole_text
from tests.cards.rotation_scenarios import ROTATIONS, a_rotation, pending, rotation_saying


@pytest.mark.parametrize("rotation", ROTATIONS.values(), ids=ROTATIONS.keys())
def test_each_state_is_drawn_as_before(
    rotation: Rotation, card_snapshot: SnapshotAssertion
) -> None:
    assert rotation_card(rotation, buttons=True) == card_snapshot


def test_hostile_text_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    everything_at_once = " ".join(HOSTILE.values())[:1_000]
    rotation = rotation_saying(everything_at_once, ROTATIONS["needs a human"])

    assert rotation_card(rotation, buttons=True) == card_snapshot


def test_every_state_has_a_story() -> None:
    assert set(RotationState) == {rotation.state for rotation in ROTATIONS.values()}


@pytest.mark.parametrize("rotation", ROTATIONS.values(), ids=ROTATIONS.keys())
def test_there_are_buttons_only_if_it_waits_for_people(rotation: Rotation) -> None:
    expected = {
        RotationState.PENDING: ["rotation.approve", "rotation.deny"],
        RotationState.NEEDS_HUMAN: ["rotation.retry"],
    }

    assert expected.get(rotation.state, []) == _verbs(rotation_card(rotation, buttons=True))


@pytest.mark.parametrize("rotation", ROTATIONS.values(), ids=ROTATIONS.keys())
def test_a_card_without_buttons_shows_the_same_and_only_says_nothing_of_them(
    rotation: Rotation,
) -> None:
    without = rotation_card(rotation, buttons=False)

    shown = whole_text(rotation_card(rotation, buttons=True))
    assert shown.replace("then press Retry or type", "then type") == whole_text(without)
    assert "actions" not in without


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "just started",
            ["running since 14:05:00 UTC", "next", "waiting", "waiting", "waiting", "waiting"],
        ),
        (
            "propagating",
            [
                "done 14:05:02 UTC",
                "done 14:05:03 UTC",
                "done 14:05:05 UTC",
                "running since 14:05:05 UTC",
                "next",
                "waiting",
            ],
        ),
        (
            "trying again",
            [
                "done 14:05:02 UTC",
                "done 14:05:03 UTC",
                "done 14:05:05 UTC",
                "retrying at 14:05:40 UTC, begun 14:05:05 UTC",
                "next",
                "waiting",
            ],
        ),
        (
            "rolling back",
            [
                "done 14:05:02 UTC",
                "done 14:05:03 UTC",
                "done 14:05:05 UTC",
                "failed 14:05:40 UTC, being undone since 14:05:40 UTC",
                "not started",
                "not started",
            ],
        ),
        (
            "rolled back",
            [
                "done 14:05:02 UTC",
                "done 14:05:03 UTC",
                "undone 14:05:55 UTC",
                "undone 14:05:50 UTC",
                "not started",
                "not started",
            ],
        ),
        (
            "needs a human",
            [
                "done 14:05:02 UTC",
                "done 14:05:03 UTC",
                "done 14:05:05 UTC",
                "failed 14:25:00 UTC",
                "not started",
                "not started",
            ],
        ),
    ],
)
def test_each_step_shows_its_status_in_words(name: str, expected: list[str]) -> None:
    assert _marks(rotation_card(ROTATIONS[name], buttons=True)) == expected


def test_a_step_on_a_later_day_is_shown_with_its_date() -> None:
    *_, retired = _marks(rotation_card(ROTATIONS["rotated"], buttons=True))

    assert retired == "done 22 Nov 2026, 14:05 UTC"


@pytest.mark.parametrize("name", ["denied", "lapsed"])
def test_a_rotation_that_never_started_shows_no_steps(name: str) -> None:
    assert _marks(rotation_card(ROTATIONS[name], buttons=True)) == []


def test_the_requester_is_not_among_the_approvers() -> None:
    seen = texts(rotation_card(pending(), buttons=True))

    assert "Bo Backup" in seen
    assert "Ada Approver and Bo Backup" not in seen


def test_the_card_says_if_no_one_can_approve() -> None:
    alone = replace(pending(), terms=replace(pending().terms, approvers=()))

    assert "no one who could be found" in texts(rotation_card(alone, buttons=True))


@pytest.mark.parametrize("name", ["needs a human", "not retired"])
def test_a_rotation_that_needs_a_human_shows_the_commands(name: str) -> None:
    assert "retry rot-01jd8b2m4t" in texts(rotation_card(ROTATIONS[name], buttons=True))


def test_many_dependents_are_counted_rather_than_listed() -> None:
    rotation = a_rotation()
    many = rotation.terms.dependents * 20

    drawn = rotation_card(
        replace(rotation, terms=replace(rotation.terms, dependents=many)), buttons=True
    )

    assert "and 54 more" in whole_text(drawn)


def test_a_rotation_that_only_read_says_that_nothing_changed() -> None:
    seen = whole_text(rotation_card(ROTATIONS["stopped by drift"], buttons=True))

    assert "Stopped, nothing changed" in seen
    assert "it has drifted" in seen


def test_an_expiry_is_worded_when_it_is_drawn_and_as_written_if_it_was_stored_in_words() -> None:
    stored = whole_text(rotation_card(ROTATIONS["near expiry"], buttons=False))
    in_words = whole_text(rotation_card(ROTATIONS["near expiry, in words"], buttons=False))

    assert "Old version expires 26 Nov 2026, 14:05 UTC" in stored
    assert "Started by" not in stored
    assert "Started by expires 05 May 2026" in in_words


def test_only_a_card_with_a_button_says_to_press_it() -> None:
    helpless = ROTATIONS["needs a human"]

    with_button = whole_text(rotation_card(helpless, buttons=True))
    without = whole_text(rotation_card(helpless, buttons=False))

    assert "then press Retry or type" in with_button
    assert "says, then type" in without
    assert "press" not in without


def test_failed_attempts_are_counted() -> None:
    again = replace(a_rotation(), attempt=3, retry_at=a_rotation().asked_at + timedelta(seconds=9))

    assert "failed 3 times so far" in whole_text(rotation_card(again, buttons=False))


def _marks(drawn: Content) -> list[str]:
    """Return the words after each step's name."""
    rows = [
        element["columns"]
        for element in drawn["body"]
        if element["type"] == "ColumnSet" and element["columns"][0].get("width") == "24px"
    ]
    return [columns[1]["items"][0]["inlines"][1]["text"].strip() for columns in rows]


def _verbs(drawn: Content) -> list[str]:
    return [action["verb"] for action in drawn.get("actions", [])]


def test_a_step_that_azure_refuses_says_until_when_it_is_retried() -> None:
    said = whole_text(rotation_card(ROTATIONS["refused for now"], buttons=False))

    assert (
        "App Service still refuses this: 403 AuthorizationFailed. "
        "New permissions take a few minutes to take effect; trying until 14:15:40 UTC"
    ) in said


def test_a_rotation_of_a_recreated_secret_is_not_called_rolled_back() -> None:
    said = whole_text(rotation_card(ROTATIONS["made anew"], buttons=False))

    assert "Failed: the secret was recreated, so nothing was restored" in said
