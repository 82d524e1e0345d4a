"""Leaving some of several secrets out: what remains, and what can't be withheld that way."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.approval import LeftOut
from domain.access.assignment import Assignment
from domain.access.request import Request, RequestState
from domain.access.target import Target
from domain.access.transitions.approvers import Today, follow_rules
from domain.access.transitions.as_asked import as_asked_for
from domain.access.transitions.changes import approve, grant
from domain.access.transitions.leaving_out import decide_choice, leave_out, not_chosen
from domain.audit.history import opening_of
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    HOUR,
    MINUTE,
    ROLE,
    VAULT,
    a_request,
    a_target,
    a_target_alone,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE

A, B, C = (a_target_alone(name) for name in "abc")


def whole(secret: str) -> Target:
    """Build a target that opens the vault and could open the secret alone."""
    return a_target(secret, secret_scope=VAULT.secret_scope(secret))


def of(*targets: Target, needed: int = 1) -> Request:
    return a_request(targets=targets, terms=some_terms(min_approvals=needed))


def test_the_rest_is_granted_as_approved() -> None:
    change = approve(of(A, B, C), ADA, NINE, left_out=("b",))

    assert change.head.state is RequestState.GRANTING
    assert change.head.targets == (A, C)
    assert change.head.left_out == (LeftOut(B, ADA),)
    assert [one.scope for one in change.head.assignments] == [A.scope, C.scope]
    assert change.events[0].facts == {"approvals": 1, "needed": 1, "left_out": "b"}


def test_several_left_out_are_named_in_the_evidence() -> None:
    change = approve(of(A, B, C), ADA, NINE, left_out=("c", "a"))

    assert change.head.targets == (B,)
    assert change.events[0].facts["left_out"] == "a, c"


def test_what_any_approver_leaves_out_is_left_out() -> None:
    first = approve(of(A, B, C, needed=2), ADA, NINE, left_out=("b",)).head
    second = approve(first, BO, NINE + MINUTE, left_out=("a",)).head

    assert first.state is RequestState.PENDING
    assert second.targets == (C,)
    assert second.left_out == (LeftOut(B, ADA), LeftOut(A, BO))


def test_what_a_former_approver_left_out_stays_left_out() -> None:
    request = approve(of(A, B, needed=2), ADA, NINE, left_out=("b",)).head

    followed = follow_rules(request, Today(approvers=(in_directory(BO),)), NINE + MINUTE)

    assert followed is not None
    assert followed.head.approvals == ()
    assert followed.head.targets == (A,)
    assert followed.head.left_out == (LeftOut(B, ADA),)


@pytest.mark.parametrize(
    ("targets", "scopes"),
    [
        ((whole("a"), whole("b")), [VAULT.secret_scope("a")]),
        ((whole("a"), B), [VAULT.secret_scope("a")]),
        ((A, whole("b")), [A.scope]),
        (
            (whole("a"), replace(whole("b"), scope="/subscriptions/5b1c")),
            [VAULT.secret_scope("a")],
        ),
        (
            (whole("a"), a_target("b", scope="/other", secret_scope="/other/secrets/b")),
            [VAULT.resource_id],
        ),
    ],
    ids=[
        "both open the vault",
        "one opens the vault",
        "the other does",
        "the other opens more",
        "another vault",
    ],
)
def test_no_remaining_access_opens_what_was_left_out(
    targets: tuple[Target, ...], scopes: list[str]
) -> None:
    change = approve(of(*targets), ADA, NINE, left_out=("b",))

    assert change.head.assignments == tuple(
        Assignment(scope, DANA.object_id, ROLE) for scope in scopes
    )
    assert bool(change.events[0].facts.get("narrowed")) == (targets[0].scope not in scopes)


def test_a_narrowed_scope_says_what_it_exposes() -> None:
    request = leave_out(of(whole("a"), whole("b")), ("b",), ADA)

    assert (request.targets[0].exposes, request.targets[0].not_requestable) == (1, 0)


@pytest.mark.parametrize(
    ("targets", "chosen", "said"),
    [
        ((A, B), {"a": True, "b": True}, ""),
        ((A, B), {"a": True, "b": False}, ""),
        ((A, B), {"a": True}, ""),
        ((A, B), {}, ""),
        ((A,), {"a": True}, ""),
        ((A, B), {"a": False, "b": False}, "Deny the request instead."),
        ((A, B), {"a": False}, "Deny the request instead."),
        ((A, B), {"a": True, "z": False}, "z isn't one of the secrets"),
        ((A, B), {"a": True, "z": True}, "z isn't one of the secrets"),
        ((A, B), {"A": True, "b": True}, "A isn't one of the secrets"),
        ((a_target("a"), B), {"a": True, "b": False}, "b can't be left out: access to a opens"),
        ((A, a_target("b")), {"a": True, "b": False}, ""),
        ((a_target("a"), a_target("b"), C), {"c": True}, ""),
    ],
)
def test_a_choice_is_checked_against_the_stored_secrets(
    targets: tuple[Target, ...], chosen: Mapping[str, bool], said: str
) -> None:
    decision = decide_choice(of(*targets), chosen)

    assert decision.allowed == (not said)
    assert said in (sentence_of(decision.reason) if decision.reason else "")


def test_a_secret_that_was_left_out_before_cannot_be_taken_back_in() -> None:
    request = leave_out(of(A, B, C), ("b",), ADA)
    chosen = {"a": True, "b": True, "c": False}

    assert decide_choice(request, chosen).allowed
    assert leave_out(request, not_chosen(request, chosen), BO).targets == (A,)


def test_nothing_remains_if_others_were_left_out_before() -> None:
    request = leave_out(of(A, B), ("b",), ADA)

    assert not decide_choice(request, {"a": False, "b": True}).allowed


def test_without_a_choice_nothing_is_left_out() -> None:
    assert not_chosen(of(A, B), {}) == ()


def test_the_evidence_of_the_request_still_names_all_of_its_secrets() -> None:
    request = grant(approve(of(A, B, C), ADA, NINE, left_out=("b",)).head, None, NINE).head
    opening = opening_of(request)

    assert request.secrets == ("a", "c")
    assert as_asked_for(request, {}).secrets == ("a", "c", "b")
    assert as_asked_for(request, {}).left_out == ()
    assert opening is not None
    assert set(opening.secrets) == {"a", "b", "c"}
    assert request.granted.expires_at == NINE + HOUR
