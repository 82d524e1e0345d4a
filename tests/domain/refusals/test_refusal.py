"""What a refusal keeps of what it is told: plain facts, under the names they have there."""

import inspect
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_type_hints

import pytest

from domain.people import Person
from domain.reasons import Param, Reason
from domain.refusals.decisions import NotAnApprover, NotOfThisRequest
from domain.refusals.refusal import Refusal
from domain.refusals.requests import Blocked, OfSeveral
from domain.refusals.secrets import CouldNotEnd, NotASecretName, SecretOfAnotherVault
from domain.refusals.sign_ins import StepUpNeeded
from tests.support.builders import ADA, BO, HOUR, in_directory
from tests.support.clock import NINE
from tests.support.refusals import KINDS

LONGEST_NAME = "x" * 127
TOLD: dict[object, tuple[Any, Param]] = {
    int: (7, 7),
    datetime: (NINE, NINE.isoformat()),
    datetime | None: (NINE, NINE.isoformat()),
    timedelta: (HOUR, 3600.0),
    Sequence[str]: (["one", "two"], ("one", "two")),
    Sequence[Person]: ([in_directory(ADA), in_directory(BO)], (ADA.name, BO.name)),
}
OTHERWISE = {OfSeveral, NotAnApprover, StepUpNeeded, Blocked, CouldNotEnd}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OTHERWISE])
def test_a_refusal_keeps_each_thing_it_is_told_as_a_plain_fact(kind: type[Refusal]) -> None:
    hints = get_type_hints(kind.__init__)
    names = [name for name in inspect.signature(kind).parameters if name in hints]
    known = [name for name in names if hints[name] not in {Reason, Param}]
    told = {name: TOLD.get(hints[name], (f"some {name}", f"some {name}")) for name in known}

    refusal = kind(**{name: given for name, (given, _) in told.items()})

    assert refusal.reason == Reason(kind.code, {name: fact for name, (_, fact) in told.items()})
    assert str(refusal) == str(refusal.reason)


def test_typed_names_are_repeated_only_as_far_as_a_name_can_be_long() -> None:
    typed = f"{LONGEST_NAME}y"

    several = OfSeveral({typed: NotASecretName()}).reason
    other = SecretOfAnotherVault(typed, "theirs", "ours").reason

    assert several.params["secrets"] == (LONGEST_NAME,)
    assert other.params["secret"] == LONGEST_NAME
    assert NotOfThisRequest(typed).reason.params["secret"] == LONGEST_NAME
