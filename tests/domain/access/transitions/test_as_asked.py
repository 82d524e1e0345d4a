"""A request as it was made, before its approvers allowed less of it."""

from dataclasses import replace

import pytest

from domain.access.request import Request
from domain.access.target import Target
from domain.access.transitions.approvers import Today, follow_rules
from domain.access.transitions.as_asked import as_asked_for
from domain.access.transitions.changes import approve, submit
from tests.support.builders import (
    ADA,
    CY,
    HOUR,
    MINUTE,
    SECRET,
    VAULT,
    a_request,
    a_target,
    a_target_alone,
    in_directory,
)
from tests.support.clock import NINE

WHOLE = a_target(secret_scope=VAULT.secret_scope(SECRET), not_requestable=4)
UNCOUNTED = a_target("b-key", secret_scope=VAULT.secret_scope("b-key"), exposes=None)
OTHER_VAULT = a_target(
    "c-key", scope="/vaults/other", secret_scope="/vaults/other/secrets/c-key", exposes=5
)
ALONE = a_target_alone("d-key", secret_scope=VAULT.secret_scope("d-key"), not_requestable=0)


def of(*targets: Target) -> Request:
    return a_request(targets=targets)


@pytest.mark.parametrize(
    "request_",
    [of(WHOLE), of(UNCOUNTED), of(WHOLE, OTHER_VAULT), of(ALONE), of(OTHER_VAULT, ALONE)],
)
def test_what_an_approver_shortened_and_narrowed_is_as_it_was(request_: Request) -> None:
    asked = submit(request_)
    approved = approve(asked.head, ADA, NINE, window=10 * MINUTE, narrowed=True).head

    was = as_asked_for(approved, asked.events[0].facts)

    assert (was.targets, was.window, was.approvals) == (request_.targets, HOUR, ())
    assert approved.window == 10 * MINUTE
    assert all("/secrets/" in target.scope for target in approved.targets)


def test_what_an_approver_left_out_is_in_it() -> None:
    asked = submit(of(WHOLE, OTHER_VAULT))
    approved = approve(asked.head, ADA, NINE, left_out=["c-key"]).head

    was = as_asked_for(approved, asked.events[0].facts)

    assert (was.targets, was.left_out) == ((WHOLE, OTHER_VAULT), ())


def test_what_a_former_approver_shortened_is_as_it_was() -> None:
    two = replace(a_request().terms, min_approvals=2)
    asked = submit(replace(of(WHOLE), terms=two))
    shortened = approve(asked.head, ADA, NINE, window=10 * MINUTE).head
    changed = follow_rules(shortened, Today(approvers=(in_directory(CY),)), NINE)
    assert changed is not None

    was = as_asked_for(changed.head, asked.events[0].facts)

    assert changed.head.window == 10 * MINUTE
    assert (was.window, was.approvers_since) == (HOUR, None)


def test_scopes_that_were_recorded_without_their_secrets_are_as_they_were_and_uncounted() -> None:
    approved = approve(of(WHOLE, OTHER_VAULT), ADA, NINE, narrowed=True).head

    was = as_asked_for(approved, {"scope": f"{WHOLE.scope}, {OTHER_VAULT.scope}"})

    uncounted = [replace(one, exposes=None, not_requestable=None) for one in (WHOLE, OTHER_VAULT)]
    assert was.targets == tuple(uncounted)


def test_what_older_versions_did_not_record_is_as_it_is_now() -> None:
    approved = approve(of(WHOLE), ADA, NINE, window=10 * MINUTE, narrowed=True).head

    was = as_asked_for(approved, {"justification": "old"})

    assert (was.targets, was.window) == (approved.targets, 10 * MINUTE)
