"""The form for a request."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.forms.request_form import (
    DURATION,
    JUSTIFICATION,
    START,
    RequestForm,
    request_form,
    request_form_closed,
)
from cards.kit.elements import Content
from tests.cards.reading_cards import texts

FORM = RequestForm(
    form_id="form-1",
    secrets=("demo-api-key",),
    vaults=("kv-demo",),
    approvers=("Ada Approver", "Bo Backup"),
    shortest=timedelta(minutes=5),
    longest=timedelta(hours=4),
)
TYPED = replace(
    FORM,
    typed={JUSTIFICATION: "Smoke test", DURATION: "9h"},
    error="Access can last 4 hours.",
)


PLANNED = replace(
    FORM, time_zone="Europe/Berlin", start_within=timedelta(days=7), typed={START: "22:00 tomorrow"}
)


@pytest.mark.parametrize(
    "form",
    [FORM, TYPED, PLANNED, replace(TYPED, emergency=True)],
    ids=["new", "with a fault", "with a start", "for break-glass access"],
)
def test_the_form_is_drawn_as_before(form: RequestForm, card_snapshot: SnapshotAssertion) -> None:
    assert request_form(form) == card_snapshot


def test_the_closed_form_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert request_form_closed("Cancelled. This form is closed.") == card_snapshot


def test_typed_text_is_kept() -> None:
    inputs = _inputs(request_form(TYPED))

    assert inputs["justification"]["value"] == "Smoke test"
    assert inputs["duration"]["value"] == "9h"
    assert "Access can last 4 hours." in texts(request_form(TYPED))


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "Start (optional, in Europe/Berlin time, at most 7 days ahead)"),
        ("+05:30", "Start (optional, in UTC+05:30, at most 7 days ahead)"),
        ("-03:00", "Start (optional, in UTC-03:00, at most 7 days ahead)"),
        ("+00:00", "Start (optional, in UTC, at most 7 days ahead)"),
        ("", "Start (optional, in UTC, at most 7 days ahead)"),
    ],
)
def test_the_form_says_in_which_time_zone_a_start_is_read(zone: str, shown: str) -> None:
    drawn = request_form(replace(FORM, time_zone=zone, start_within=timedelta(days=7)))

    assert _inputs(drawn)["start"]["label"] == shown


def test_where_access_cannot_be_planned_the_form_asks_for_no_start() -> None:
    assert "start" not in _inputs(request_form(FORM))


def test_five_thousand_typed_characters_are_not_lost() -> None:
    words = "ten chars " * 500

    drawn = request_form(replace(FORM, typed={JUSTIFICATION: words}))

    assert _inputs(drawn)["justification"]["value"] == words


@pytest.mark.parametrize(
    ("shortest", "longest", "expected"),
    [
        (timedelta(minutes=5), timedelta(hours=4), "1h"),
        (timedelta(minutes=5), timedelta(minutes=30), "30m"),
        (timedelta(hours=2), timedelta(hours=4), "2h"),
    ],
)
def test_the_default_duration_is_within_the_bounds(
    shortest: timedelta, longest: timedelta, expected: str
) -> None:
    drawn = request_form(replace(FORM, shortest=shortest, longest=longest))

    assert _inputs(drawn)["duration"]["value"] == expected


def test_an_empty_form_can_be_cancelled() -> None:
    cancel = request_form(FORM)["actions"][1]

    assert (cancel["verb"], cancel["associatedInputs"]) == ("request.cancel", "none")


def _inputs(drawn: Content) -> dict[str, dict[str, object]]:
    return {element["id"]: element for element in drawn["body"] if element["type"] == "Input.Text"}
