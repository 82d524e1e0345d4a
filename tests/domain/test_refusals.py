"""What a refusal keeps of what it is told: plain facts, under the names they have there."""

import inspect
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_type_hints

import pytest

from domain import refusals
from domain.people import Group, Person, Principals
from domain.reasons import Param, Reason
from domain.refusals import Refusal
from tests.support.builders import ADA, BO, HOUR, in_directory
from tests.support.clock import NINE

LONGEST_NAME = "x" * 127
TOLD: dict[object, tuple[Any, Param]] = {
    int: (7, 7),
    datetime: (NINE, NINE.isoformat()),
    datetime | None: (NINE, NINE.isoformat()),
    timedelta: (HOUR, 3600.0),
    Sequence[str]: (["one", "two"], ("one", "two")),
    Sequence[Person]: ([in_directory(ADA), in_directory(BO)], (ADA.name, BO.name)),
}
OTHERWISE = {
    refusals.OfSeveral,
    refusals.NotAnApprover,
    refusals.StepUpNeeded,
    refusals.Blocked,
    refusals.CouldNotEnd,
}
KINDS = [
    kind
    for _, kind in inspect.getmembers(refusals, inspect.isclass)
    if issubclass(kind, Refusal) and kind not in {Refusal, *OTHERWISE}
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_keeps_each_thing_it_is_told_as_a_plain_fact(kind: type[Refusal]) -> None:
    hints = get_type_hints(kind.__init__)
    names = [name for name in inspect.signature(kind).parameters if name in hints]
    known = [name for name in names if hints[name] not in {Reason, Param}]
    told = {name: TOLD.get(hints[name], (f"some {name}", f"some {name}")) for name in known}

    refusal = kind(**{name: given for name, (given, _) in told.items()})

    assert refusal.reason == Reason(kind.code, {name: fact for name, (_, fact) in told.items()})
    assert str(refusal) == str(refusal.reason)


def test_someone_who_is_no_approver_is_told_who_is() -> None:
    approvers = Principals((in_directory(ADA),), (Group("group-1", "Payments"),))

    assert refusals.NotAnApprover(approvers).reason == Reason(
        "not_an_approver", {"approvers": ("Ada Approver",), "groups": ("Payments",)}
    )


def test_a_fresh_sign_in_that_is_needed_says_what_it_must_be_like_and_stores_nothing() -> None:
    refusal = refusals.StepUpNeeded(["c1", "c7"], HOUR)

    assert refusal.reason == Reason("step_up_needed")
    assert (refusal.contexts, refusal.max_age) == (("c1", "c7"), HOUR)


@pytest.mark.parametrize(
    ("kind", "code"), [(refusals.Blocked, "blocked"), (refusals.CouldNotEnd, "could_not_end")]
)
def test_a_refusal_for_another_reason_contains_it(
    kind: type[refusals.Blocked | refusals.CouldNotEnd], code: str
) -> None:
    why = Reason("why", {"secret": "a"})

    assert kind(why).reason == Reason(code, parts=(why,))


def test_the_refusals_of_several_secrets_are_one_and_block_if_any_does() -> None:
    unknown, blocked = refusals.UnknownSecret("a", "kv"), refusals.NotRequestable("b")

    one, both = refusals.OfSeveral({"a": unknown}), refusals.OfSeveral({"a": unknown, "b": blocked})

    assert both.reason == Reason(
        "of_several", {"secrets": ("a", "b")}, (unknown.reason, blocked.reason)
    )
    assert (one.blocks, both.blocks) == (False, True)


def test_typed_names_are_repeated_only_as_far_as_a_name_can_be_long() -> None:
    typed = f"{LONGEST_NAME}y"

    several = refusals.OfSeveral({typed: refusals.NotASecretName()}).reason
    other = refusals.SecretOfAnotherVault(typed, "theirs", "ours").reason

    assert several.params["secrets"] == (LONGEST_NAME,)
    assert other.params["secret"] == LONGEST_NAME
    assert refusals.NotOfThisRequest(typed).reason.params["secret"] == LONGEST_NAME


def test_a_window_that_is_over_may_have_ended_at_an_unknown_time() -> None:
    assert refusals.WindowOver().reason == Reason("window_over", {"at": None})
