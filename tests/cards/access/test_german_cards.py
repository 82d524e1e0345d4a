"""The cards that people see most, for someone whose Teams is in German."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.approvals_card import approvals_card
from cards.access.end_card import end_card
from cards.access.forms.picker_card import picker_card
from cards.access.forms.request_form import DURATION, JUSTIFICATION, START, request_form
from cards.access.my_access_card import my_access_card
from cards.access.own_card import own_card
from cards.access.parts.scope import describe_scope
from cards.access.request_card import request_card
from cards.access.secrets_card import SecretRow, secrets_card
from cards.access.step_up_card import approval_step_up_card
from cards.access.why_card import why_card
from cards.kit.elements import Content
from cards.languages.language import language_of, speaking
from domain.access.request import Request
from domain.access.transitions import waiting
from domain.people import Group, Principals
from tests.cards.access.forms.test_request_form import PLANNED
from tests.cards.gallery import LINK
from tests.cards.reading_cards import texts, whole_text
from tests.cards.scenarios import (
    ADA,
    DANA,
    ENDABLE,
    HOUR,
    REQUESTS,
    a_request,
    a_target,
    active,
    minutes,
    scheduled,
)
from tests.cards.why_scenarios import EXPLANATIONS

WRONG = replace(
    PLANNED,
    typed={JUSTIFICATION: "Smoke test", DURATION: "9h", START: "22:00 tomorrow"},
    error="Der Zugriff kann höchstens 4 Stunden dauern.",
)
REMINDED = waiting.remind(a_request(), minutes(20), DANA).head
PAYMENTS = Group("id-3", "Payments approvers")
SECRETS = [
    SecretRow("demo-api-key", 4 * HOUR, Principals((ADA.as_person(),))),
    SecretRow("team-*", timedelta(minutes=30), Principals((), (PAYMENTS,))),
]


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with speaking(language_of("de-DE")):
        yield


def drawn() -> dict[str, Content]:
    """Draw the cards; in whatever language is spoken."""
    known, mine = REQUESTS["pending, known requester"], [active(), a_request(), scheduled()]
    return {
        "form with a fault": request_form(WRONG),
        "pending, for an approver": request_card(known, buttons=True),
        "granted": request_card(active(), buttons=False),
        "denied": request_card(REQUESTS["denied"], buttons=False),
        "own, reminded": own_card(REMINDED, minutes(25)),
        "own, granted": own_card(active(), minutes(25)),
        "own, ended": own_card(REQUESTS["revoked"], minutes(100)),
        "my access": my_access_card(mine, 3, minutes(35), reader=DANA.object_id),
        "approvals": approvals_card([a_request(), REQUESTS["pending, one of two"]], 0, minutes(10)),
        "why": why_card(EXPLANATIONS["a condition fails"]),
        "ending": end_card(ENDABLE["active, rotated after"]),
        "sign-in": approval_step_up_card(a_request(), LINK, timedelta(minutes=30), narrowed=True),
        "secrets": secrets_card(SECRETS),
        "picker": picker_card(["demo-api-key"], ["app-key"], ["team-*"], "for 2h"),
    }


@pytest.mark.parametrize("name", drawn())
def test_the_card_is_drawn_as_before(name: str, card_snapshot: SnapshotAssertion) -> None:
    assert drawn()[name] == card_snapshot


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([a_request()], "1 wartet auf Genehmigung"),
        ([a_request(), a_request()], "2 warten auf Genehmigung"),
        ([active(), scheduled(), scheduled()], "1 gewährt, 2 beginnen später"),
    ],
)
def test_a_verb_agrees_with_its_count(requests: list[Request], expected: str) -> None:
    shown = texts(my_access_card(requests, 0, minutes(10), reader=DANA.object_id))

    assert expected in shown


def test_months_and_durations_are_german() -> None:
    shown = whole_text(own_card(active(), minutes(25)))

    assert "Noch  1 Stunde 10 Minuten , Stand 14:30 UTC: Der Zugriff endet am" in shown
    assert "21. Nov. 2026, 15:40 UTC" in shown


def test_large_numbers_have_german_separators() -> None:
    opened = describe_scope([a_target("demo-api-key", exposes=12_345)])

    assert opened == "Der ganze Tresor: 12.345 Geheimnisse"


def test_the_suggested_duration_stays_as_people_type_it() -> None:
    form = replace(PLANNED, shortest=timedelta(minutes=90))

    [_, duration, _] = [one for one in request_form(form)["body"] if one["type"] == "Input.Text"]
    assert duration["value"] == "1h30m"
    assert duration["label"] == "Für wie lange (1 Stunde 30 Minuten bis 4 Stunden)"
