"""What can be requested, for how long, and who can decide it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.rules.policy import (
    ALLOWED,
    LONGEST_JUSTIFICATION,
    Decision,
    JustificationRule,
    ScopeKind,
    decide_approvers,
    decide_beneficiary,
    decide_break_glass,
    decide_justification,
    decide_on_behalf,
    decide_requester,
    decide_secret,
    decide_window,
)
from domain.people import NO_ONE, Actor, Group, Principals
from domain.refusals.refusal import Refusal
from domain.refusals.requests import (
    GuestsMayNotAsk,
    JustificationMissing,
    MayNotAsk,
    MayNotAskForOthers,
    MayNotBeAskedFor,
    MayNotBreakGlass,
    MembershipUnknown,
    NobodyCanApprove,
    NotInDirectory,
    TicketMissing,
)
from domain.refusals.secrets import NotASecretName, NotRequestable
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    HOUR,
    MINUTE,
    SECRET,
    VAULT,
    a_policy,
    in_directory,
)
from tests.support.refusing import reason_of

MOMENT = timedelta(microseconds=1)


def _refusal(decision: Decision) -> Refusal:
    assert not decision.allowed
    assert decision.reason is not None
    return decision.reason


def test_a_secret_with_a_policy_can_be_requested() -> None:
    assert decide_secret("demo-api-key", a_policy()) == ALLOWED


def test_a_secret_without_a_policy_cannot_be_requested() -> None:
    reason = _refusal(decide_secret("root-password", None))

    assert isinstance(reason, NotRequestable)
    assert "root-password" in sentence_of(reason)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ключ", "a_b", "../a", "a\n", "x" * 128])
def test_an_invalid_secret_name_is_refused_without_repeating_it(name: str) -> None:
    reason = _refusal(decide_secret(name, a_policy()))

    assert isinstance(reason, NotASecretName)
    assert sentence_of(NotASecretName()) == sentence_of(reason)


@pytest.mark.parametrize("window", [5 * MINUTE, HOUR, 4 * HOUR])
def test_a_window_within_the_bounds_is_allowed(window: timedelta) -> None:
    assert decide_window(5 * MINUTE, 4 * HOUR, window) == ALLOWED


@pytest.mark.parametrize("window", [timedelta(), 5 * MINUTE - MOMENT, 4 * HOUR + MOMENT, -HOUR])
def test_a_window_out_of_bounds_is_refused_with_the_bounds(window: timedelta) -> None:
    reason = _refusal(decide_window(5 * MINUTE, 4 * HOUR, window))

    assert "from 5 minutes to 4 hours" in sentence_of(reason)


def test_an_unreadable_window_is_refused_with_examples() -> None:
    reason = _refusal(decide_window(5 * MINUTE, 4 * HOUR, None))

    assert "45m, 2h, 1h30m or 1d" in sentence_of(reason)


@pytest.mark.parametrize("text", ["because", "CHG-4711", "必要です", "x" * LONGEST_JUSTIFICATION])
def test_a_justification_contains_something(text: str) -> None:
    assert decide_justification(f"  {text}\n") == ALLOWED


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "...", "\u200b", "!?", "\u3164\uffa0"])
def test_a_justification_without_a_word_is_refused(text: str) -> None:
    assert isinstance(_refusal(decide_justification(text)), JustificationMissing)


def test_an_overlong_justification_is_refused() -> None:
    reason = _refusal(decide_justification("x" * 5_000))

    assert "5,000 characters; 1,000 is the most" in sentence_of(reason)


def test_one_approver_is_enough_if_one_approval_is_needed() -> None:
    assert decide_approvers(a_policy(), [in_directory(ADA)], DANA.object_id) == ALLOWED


@pytest.mark.parametrize("approvers", [[], [DANA]])
def test_a_request_without_any_other_approver_is_refused(approvers: list[Actor]) -> None:
    people = [in_directory(person) for person in approvers]

    reason = _refusal(decide_approvers(a_policy(), people, DANA.object_id))

    assert isinstance(reason, NobodyCanApprove)
    assert reason.reason == NobodyCanApprove(SECRET).reason


def test_a_request_for_the_only_other_approver_says_that_they_cannot_approve_it_either() -> None:
    people = [in_directory(person) for person in (DANA, ADA)]

    decision = decide_approvers(a_policy(), people, DANA.object_id, in_directory(ADA))

    assert reason_of(decision) == NobodyCanApprove(SECRET, ADA.name).reason


def test_who_may_not_ask_for_others_is_told_so_whoever_it_is_for() -> None:
    decision = decide_on_behalf(a_policy(), in_directory(DANA), Principals())

    assert reason_of(decision) == MayNotAskForOthers(SECRET, "").reason


def test_a_quorum_counts_people_without_the_requester() -> None:
    two = a_policy(min_approvals=2)
    people = [in_directory(ADA), in_directory(BO)]

    assert decide_approvers(two, people, DANA.object_id) == ALLOWED
    assert not decide_approvers(two, people, BO.object_id).allowed
    assert not decide_approvers(two, [people[0], people[0]], DANA.object_id).allowed


def test_a_scope_is_the_vault_or_the_one_secret() -> None:
    secret_alone = a_policy(scope_kind=ScopeKind.SECRET)

    assert VAULT.resource_id == a_policy().scope
    assert secret_alone.scope == f"{VAULT.resource_id}/secrets/demo-api-key"


def test_everyone_can_ask_if_the_policy_names_no_one() -> None:
    assert decide_requester(a_policy(), in_directory(DANA), NO_ONE) == ALLOWED


def test_only_people_named_in_the_policy_can_ask() -> None:
    policy = a_policy(requesters=("dana@contoso.example",))
    named = Principals((in_directory(DANA),))

    assert decide_requester(policy, in_directory(DANA), named) == ALLOWED
    assert "not one of the people" in sentence_of(
        _refusal(decide_requester(policy, in_directory(BO), named))
    )


def test_a_requester_named_by_object_id_needs_no_lookup() -> None:
    with_letters = replace(in_directory(DANA), object_id="abcdef00-0000-4000-8000-000000000001")
    policy = a_policy(requesters=(with_letters.object_id.upper(),))

    assert decide_requester(policy, with_letters, NO_ONE) == ALLOWED


def test_no_one_can_ask_if_the_named_people_cannot_be_found() -> None:
    policy = a_policy(requesters=("dana@contoso.example",))

    assert isinstance(_refusal(decide_requester(policy, in_directory(DANA), NO_ONE)), MayNotAsk)


def test_a_guest_can_only_ask_if_the_policy_allows_guests() -> None:
    guest = replace(in_directory(DANA), guest=True)

    reason = _refusal(decide_requester(a_policy(), guest, NO_ONE))

    assert isinstance(reason, GuestsMayNotAsk)
    assert decide_requester(a_policy(guests=True), guest, NO_ONE) == ALLOWED


def test_if_guests_are_forbidden_people_of_unknown_status_are_refused() -> None:
    somebody = replace(in_directory(DANA), guest=None)
    strict = a_policy(guests=False)

    reason = _refusal(decide_requester(strict, somebody, NO_ONE))

    assert isinstance(reason, MembershipUnknown)
    assert decide_requester(a_policy(), somebody, NO_ONE) == ALLOWED
    assert decide_requester(a_policy(guests=True), somebody, NO_ONE) == ALLOWED
    assert isinstance(_refusal(decide_beneficiary(strict, somebody, NO_ONE)), MembershipUnknown)


def test_if_guests_are_forbidden_people_outside_of_the_directory_are_refused_for_good() -> None:
    somebody = replace(in_directory(DANA), guest=None)
    strict = a_policy(guests=False)

    decision = decide_requester(strict, somebody, NO_ONE, is_in_directory=False)

    assert _refusal(decision).reason == NotInDirectory(SECRET).reason
    assert decide_requester(a_policy(), somebody, NO_ONE, is_in_directory=False) == ALLOWED


def test_an_optional_justification_can_be_empty() -> None:
    assert decide_justification(" ", [JustificationRule(required=False)]) == ALLOWED


def test_a_justification_must_contain_a_ticket_if_the_policy_requires_one() -> None:
    rule = JustificationRule(ticket=r"CHG\d{4}", hint="a change, like CHG4711.")

    assert decide_justification("for chg4711", [rule]) == ALLOWED
    assert sentence_of(_refusal(decide_justification("for fun", [rule]))) == (
        "The justification has to name a ticket: a change, like CHG4711."
    )


def test_a_ticket_is_required_even_if_the_justification_is_optional() -> None:
    rule = JustificationRule(required=False, ticket="CHG")

    assert isinstance(_refusal(decide_justification("", [rule])), TicketMissing)


def test_a_refusal_names_the_secret_that_it_is_about() -> None:
    dana = in_directory(DANA)
    guest, unknown = replace(dana, guest=True), replace(dana, guest=None)
    policy = a_policy(requesters=("bo@contoso.example",), guests=False)

    decisions = [
        decide_requester(policy, unknown, NO_ONE),
        decide_requester(policy, guest, NO_ONE),
        decide_requester(policy, dana, NO_ONE),
        decide_on_behalf(policy, dana, NO_ONE, for_name="Eve Engineer"),
        decide_break_glass(policy, dana, NO_ONE),
        decide_beneficiary(policy, dana, NO_ONE),
        decide_approvers(policy, (), DANA.object_id),
    ]

    assert [reason_of(one) for one in decisions] == [
        MembershipUnknown(SECRET).reason,
        GuestsMayNotAsk(SECRET).reason,
        MayNotAsk(SECRET).reason,
        MayNotAskForOthers(SECRET, "Eve Engineer").reason,
        MayNotBreakGlass(SECRET).reason,
        MayNotBeAskedFor(SECRET, DANA.name).reason,
        NobodyCanApprove(SECRET).reason,
    ]


def test_a_member_of_a_group_that_can_ask_can_be_asked_for() -> None:
    policy = a_policy(requesters=("group:Payments",))
    named = Principals(groups=(Group("group-1", "Payments"),))

    assert decide_beneficiary(policy, in_directory(DANA), named, {"group-1"}) == ALLOWED
    assert not decide_beneficiary(policy, in_directory(DANA), named, {"group-2"}).allowed
