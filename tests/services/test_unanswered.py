"""What people are told of a service's fault, and about whom."""

import pytest

from domain.refusals.people import DirectoryUnavailable
from domain.refusals.refusal import Refusal
from domain.refusals.services import (
    BotNotPermitted,
    NotFinished,
    NotKnownIfDone,
    ServiceRefused,
    ServiceUnavailable,
)
from services.faults import Fault, NotPermitted, Rejected, Unavailable
from services.unanswered import about_people, refusal_of, refusal_of_turn

OUTAGE = Unavailable("Key Vault", "503", outcome_unknown=False)
UNKNOWN = Unavailable("Table Storage", "504")


@pytest.mark.parametrize("service", ["Microsoft Graph", "Teams", "the directory"])
def test_the_directory_is_named_if_it_does_not_answer(service: str) -> None:
    raised = about_people(Unavailable(service, "503"))

    assert isinstance(raised, DirectoryUnavailable)


@pytest.mark.parametrize("service", ["Table Storage", "Key Vault"])
def test_the_directory_is_not_named_for_what_else_a_look_up_needs(service: str) -> None:
    fault = Unavailable(service, "503")

    assert about_people(fault) is fault


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (OUTAGE, ServiceUnavailable),
        (NotPermitted("Key Vault", "403"), BotNotPermitted),
        (Rejected("Key Vault", "400"), ServiceRefused),
    ],
)
def test_a_check_without_an_answer_says_why(fault: Fault, kind: type[Refusal]) -> None:
    assert isinstance(refusal_of(fault, "req-one"), kind)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (OUTAGE, NotFinished),
        (UNKNOWN, NotKnownIfDone),
        (NotPermitted("Key Vault", "403"), BotNotPermitted),
    ],
)
def test_a_turn_that_an_outage_ended_says_what_is_known(fault: Fault, kind: type[Refusal]) -> None:
    assert isinstance(refusal_of_turn(fault, "turn-one"), kind)


@pytest.mark.parametrize(
    "fault",
    [Rejected("Table Storage", "404 TableNotFound"), Unavailable("Latchkey", "it keeps changing")],
)
def test_what_is_not_an_outage_of_a_service_is_not_called_one(fault: Fault) -> None:
    assert refusal_of_turn(fault, "turn-one") is None
