from dataclasses import replace
from datetime import timedelta

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.approval import Approval, RuleApproval
from domain.access.extension import Extension
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import AccessEffect, Request, RequestState, next_move
from domain.access.rules.policy import Policy
from domain.access.transitions.changes import approve, end, grant
from domain.access.transitions.ends import warn
from domain.access.transitions.extensions import (
    allow_extension,
    ask_extension,
    asks_about,
    asks_for_more_again,
    decide_extendable,
    decide_extension,
    decide_extension_answer,
    decide_extension_approval,
    deny_extension,
    extend,
    extensions_asked,
    is_open_extension,
    most_more,
    needs_no_approval,
    was_allowed,
    was_asked,
    was_refused,
)
from domain.access.transitions.waiting import escalate, remind
from domain.refusals.decisions import AlreadyApproved, SelfApproval
from domain.refusals.extensions import (
    ExtensionAskedAlready,
    ExtensionDecided,
    ExtensionTooLong,
    NothingToExtend,
    NotYourGrant,
    TooLateToExtend,
)
from domain.refusals.requests import UnreadableDuration
from domain.workflow import Event, Move, Wait
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    a_grant,
    a_policy,
    a_request,
    a_target,
    an_active_request,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE
from tests.support.refusing import reason_of

NOW = NINE + 5 * MINUTE


def _active(*, min_approvals: int = 1) -> Request:
    request = a_request()
    terms = replace(request.terms, longest=4 * HOUR, min_approvals=min_approvals)
    request = replace(request, terms=terms)
    for approver in (ADA, BO)[:min_approvals]:
        request = approve(request, approver, NINE).head
    return grant(request, NINE, NINE).head


def test_only_people_involved_can_ask_for_an_extension() -> None:
    assert isinstance(decide_extension(_active(), ADA, HOUR, NOW).reason, NotYourGrant)
    assert decide_extension(_active(), DANA, HOUR, NOW).allowed


def test_an_extension_beyond_the_cap_is_refused() -> None:
    request = _active()

    assert most_more(request) == 3 * HOUR
    assert decide_extension(request, DANA, 3 * HOUR, NOW).allowed
    assert isinstance(
        decide_extension(request, DANA, 3 * HOUR + MINUTE, NOW).reason, ExtensionTooLong
    )


def test_only_active_access_can_be_extended() -> None:
    reason = reason_of(decide_extension(a_request(), DANA, HOUR, NOW))

    assert reason == NothingToExtend(RequestState.PENDING).reason


def test_an_unreadable_extension_is_refused() -> None:
    reason = reason_of(decide_extension(_active(), DANA, None, NOW))

    assert reason == UnreadableDuration().reason


def test_access_as_long_as_allowed_cannot_be_extended() -> None:
    longest = extend(_active(), ADA, 3 * HOUR, NOW).head
    reason = reason_of(decide_extendable(longest, DANA, NOW))

    assert reason == ExtensionTooLong(timedelta()).reason
    assert most_more(longest) == timedelta()


def test_access_of_unknown_beginning_counts_from_its_end() -> None:
    request = an_active_request(grant=a_grant(expires_at=NINE + HOUR))

    assert most_more(request) == request.terms.longest


def test_only_one_extension_request_is_open_at_a_time() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head

    assert asked.extension == Extension(HOUR, NINE + MINUTE)
    assert isinstance(decide_extension(asked, DANA, HOUR, NOW).reason, ExtensionAskedAlready)


def test_an_extension_moves_the_end_and_the_warning() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    extended = extend(asked, ADA, HOUR, NINE + 2 * MINUTE).head

    assert extended.granted.expires_at == NINE + 2 * HOUR
    assert extended.granted.warn_at == NINE + 2 * HOUR - 15 * MINUTE
    assert extended.extension is None
    assert extended.state is RequestState.ACTIVE


def test_an_extension_never_goes_beyond_the_cap() -> None:
    extended = extend(_active(), ADA, 9 * HOUR, NINE + MINUTE).head

    assert extended.granted.expires_at == NINE + 4 * HOUR


def test_a_denied_extension_leaves_the_end_unchanged() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    refused = deny_extension(asked, ADA, NINE + 2 * MINUTE).head

    assert refused.granted.expires_at == NINE + HOUR
    assert isinstance(decide_extension_answer(refused, ADA, NOW).reason, ExtensionDecided)


def test_what_confirmed_the_approval_of_an_extension_is_kept_with_it() -> None:
    signed_in = FreshSignIn(ADA.object_id, NINE, ("c1",))
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head

    allowed = allow_extension(asked, ADA, NINE + 2 * MINUTE, sign_in=signed_in).head

    assert allowed.extension
    assert [one.sign_in for one in allowed.extension.approvals] == [signed_in]


def test_an_extension_needs_as_many_approvals_as_a_grant() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    first = allow_extension(asked, ADA, NINE + 2 * MINUTE)
    second = allow_extension(first.head, BO, NINE + 3 * MINUTE)

    assert first.head.granted == asked.granted
    assert first.head.extension == Extension(
        HOUR, NINE + MINUTE, approvals=(Approval(ADA, NINE + 2 * MINUTE),)
    )
    assert [(event.kind, event.actor) for event in (*first.events, *second.events)] == [
        ("extension_allowed", ADA),
        ("extended", BO),
    ]
    assert (first.events[0].facts["approvals"], first.events[0].facts["needed"]) == (1, 2)
    assert second.head.granted.expires_at == NINE + 2 * HOUR
    assert second.head.extension is None


def test_an_approver_of_an_extension_can_still_deny_it_but_not_approve_it_again() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    allowed = allow_extension(asked, ADA, NINE + 2 * MINUTE).head

    assert isinstance(decide_extension_approval(allowed, ADA, NOW).reason, AlreadyApproved)
    assert decide_extension_answer(allowed, ADA, NOW).allowed
    assert decide_extension_approval(allowed, BO, NOW).allowed


def test_an_approval_does_not_carry_over_to_the_next_extension_request() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    allowed = allow_extension(asked, ADA, NINE + 2 * MINUTE).head
    refused = deny_extension(allowed, BO, NINE + 3 * MINUTE).head
    again = ask_extension(refused, DANA, HOUR, NINE + 4 * MINUTE).head

    assert refused.extension is None
    assert again.extension == Extension(HOUR, NINE + 4 * MINUTE)
    assert decide_extension_approval(again, ADA, NOW).allowed


def test_an_extension_request_cannot_be_approved_after_access_ended() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE).head
    allowed = allow_extension(asked, ADA, NINE + 2 * MINUTE).head
    over = end(allowed, NINE + HOUR).head

    assert isinstance(decide_extension_answer(over, BO, NOW).reason, ExtensionDecided)


def test_a_repeated_answer_is_recognised_and_a_different_one_is_not() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE + MINUTE, "wish")
    allowed = allow_extension(asked.head, ADA, NINE + 2 * MINUTE, "wish")
    extended = allow_extension(allowed.head, BO, NINE + 3 * MINUTE, "wish")
    events = (*asked.events, *allowed.events)

    assert was_allowed(allowed.head, events, ADA, "wish")
    assert not was_allowed(allowed.head, events, BO, "wish")
    assert not was_refused(allowed.head, events, ADA, "wish")
    for approver in (ADA, BO):
        assert was_allowed(extended.head, (*events, *extended.events), approver, "wish")


def test_an_extension_request_with_the_id_of_a_denied_one_can_be_denied_too() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE, "wish")
    refused = deny_extension(asked.head, ADA, NINE + 2 * MINUTE, "wish")
    again = ask_extension(refused.head, DANA, HOUR, NINE + 3 * MINUTE, "wish")
    events = (*asked.events, *refused.events)

    assert was_refused(refused.head, events, ADA, "wish")
    assert not was_refused(again.head, (*events, *again.events), ADA, "wish")


def test_extension_requests_are_counted_whatever_their_outcome() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE)
    allowed = allow_extension(asked.head, ADA, NINE)
    again = ask_extension(allowed.head, DANA, HOUR, NINE)

    assert extensions_asked(again.head, (*asked.events, *allowed.events, *again.events)) == 2


def test_extensions_that_need_no_approval_are_counted() -> None:
    request = _active()
    request = replace(request, terms=replace(request.terms, extend_freely=True))
    extended = extend(request, DANA, HOUR, NINE)

    assert extensions_asked(extended.head, extended.events) == 1


def test_no_one_approves_their_own_extension() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head

    assert isinstance(decide_extension_answer(asked, DANA, NOW).reason, SelfApproval)
    assert decide_extension_answer(asked, ADA, NOW).allowed


def test_an_approver_can_shorten_the_window_and_narrow_the_scope_to_the_secret() -> None:
    request = a_request(targets=(a_target(secret_scope="/vault/secrets/one"),))
    approved = approve(request, ADA, NINE, window=10 * MINUTE, narrowed=True).head

    assert approved.window == 10 * MINUTE
    assert [one.scope for one in approved.assignments] == ["/vault/secrets/one"]
    assert [target.exposes for target in approved.targets] == [1]


def test_the_strictest_of_several_approvals_counts() -> None:
    request = a_request()
    request = replace(request, terms=replace(request.terms, min_approvals=2))
    first = approve(request, ADA, NINE, window=10 * MINUTE).head
    second = approve(first, BO, NINE, window=30 * MINUTE).head

    assert second.window == 10 * MINUTE


def test_approvers_are_reminded_once_and_the_request_is_escalated_later() -> None:
    request = replace(
        a_request(),
        remind_at=NINE + HOUR,
        escalate_at=NINE + 2 * HOUR,
        terms=replace(a_request().terms, escalation=(in_directory(BO),)),
    )
    reminded = remind(request, NINE + HOUR).head
    escalated = escalate(reminded, NINE + 2 * HOUR).head

    assert next_move(request, NINE + HOUR) == Move(AccessEffect.REMIND)
    assert next_move(reminded, NINE + HOUR) == Wait(NINE + 2 * HOUR)
    assert next_move(reminded, NINE + 2 * HOUR) == Move(AccessEffect.ESCALATE)
    assert in_directory(BO) in escalated.terms.approvers
    assert next_move(escalated, NINE + 2 * HOUR) == Wait(escalated.lapses_at)


def test_after_the_end_extensions_are_refused_even_if_the_worker_is_late() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE + MINUTE).head
    end_of_window = NINE + HOUR

    assert isinstance(
        decide_extension(_active(), DANA, HOUR, end_of_window).reason, TooLateToExtend
    )
    assert isinstance(decide_extension_answer(asked, ADA, end_of_window).reason, TooLateToExtend)
    assert decide_extension_answer(asked, ADA, end_of_window - MINUTE).allowed


def test_each_change_of_the_window_records_what_was_asked_and_when_access_ends() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE, "wish")
    allowed = allow_extension(asked.head, ADA, NINE + MINUTE, "click-1", "if need be")
    extended = allow_extension(allowed.head, BO, NINE + 2 * MINUTE, "click-2", "fine")
    refused = deny_extension(asked.head, BO, NINE + 3 * MINUTE, "click-3", "no need")
    warned = warn(_active(), NINE + 45 * MINUTE)
    ten, eleven = (NINE + HOUR).isoformat(), (NINE + 2 * HOUR).isoformat()

    assert [each.events for each in (asked, allowed, extended, refused, warned)] == [
        (
            Event(
                "extension_asked",
                NINE,
                DANA,
                {"by": 3600.0, "expires_at": ten, "source_id": "wish"},
            ),
        ),
        (
            Event(
                "extension_allowed",
                NINE + MINUTE,
                ADA,
                {
                    "by": 3600.0,
                    "approvals": 1,
                    "needed": 2,
                    "expires_at": ten,
                    "source_id": "click-1",
                    "note": "if need be",
                },
            ),
        ),
        (
            Event(
                "extended",
                NINE + 2 * MINUTE,
                BO,
                {"by": 3600.0, "expires_at": eleven, "source_id": "click-2", "note": "fine"},
            ),
        ),
        (
            Event(
                "extension_denied",
                NINE + 3 * MINUTE,
                BO,
                {"expires_at": ten, "source_id": "click-3", "note": "no need"},
            ),
        ),
        (Event("expires_soon", NINE + 45 * MINUTE, None, {"expires_at": ten}),),
    ]


def test_what_was_not_typed_is_not_recorded() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE)
    changes = [
        asked,
        allow_extension(asked.head, ADA, NINE),
        allow_extension(ask_extension(_active(), DANA, HOUR, NINE).head, ADA, NINE),
        extend(_active(), DANA, HOUR, NINE),
        deny_extension(asked.head, ADA, NINE),
    ]

    facts = [event.facts for change in changes for event in change.events]
    assert [{"source_id", "note"} & set(each) for each in facts] == [set()] * 5


def test_an_answer_is_to_the_extension_request_it_names() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE, "wish").head

    assert decide_extension_answer(asked, ADA, NOW, "wish").allowed
    assert decide_extension_approval(asked, ADA, NOW, "wish").allowed
    assert not decide_extension_approval(asked, ADA, NOW, "another wish").allowed
    other = reason_of(decide_extension_answer(asked, ADA, NOW, "another wish"))
    assert other == ExtensionDecided().reason


def test_the_open_extension_request_is_known_by_its_event() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE)
    [event] = asked.events

    assert is_open_extension(asked.head, event)
    assert not is_open_extension(asked.head, replace(event, at=NINE + MINUTE))
    assert not is_open_extension(asked.head, replace(event, kind="reminded"))
    assert not is_open_extension(_active(), event)
    assert not asks_about(None, event)


def test_a_change_of_the_approvers_asks_again_about_the_extension_request_that_it_names() -> None:
    asked_at = NINE + MINUTE
    active = replace(_active(), extension=Extension(HOUR, asked_at))
    again = Event("approvers_changed", NINE + HOUR, None, {"more_asked_at": asked_at.isoformat()})
    of_another = replace(again, facts={"more_asked_at": NINE.isoformat()})

    assert is_open_extension(active, again)
    assert not is_open_extension(active, of_another)
    assert asks_for_more_again(again)
    assert not asks_for_more_again(replace(again, kind="escalated"))
    assert not asks_for_more_again(replace(again, facts={}))


def test_an_approval_of_another_person_or_wish_is_not_taken_for_this_one() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE, "wish")
    extended = allow_extension(asked.head, ADA, NINE + MINUTE, "wish")
    events = (*asked.events, *extended.events)

    assert was_allowed(extended.head, events, ADA, "wish")
    assert not was_allowed(extended.head, events, BO, "wish")
    assert not was_allowed(extended.head, events, ADA, "another wish")
    assert not was_allowed(extended.head, events, DANA, "wish")


def test_an_approval_of_an_earlier_wish_of_the_same_name_does_not_count() -> None:
    asked = ask_extension(_active(min_approvals=2), DANA, HOUR, NINE, "wish")
    allowed = allow_extension(asked.head, ADA, NINE + MINUTE, "wish")
    refused = deny_extension(allowed.head, BO, NINE + MINUTE, "wish")
    again = ask_extension(refused.head, DANA, HOUR, NINE + 2 * MINUTE, "wish")
    events = (*asked.events, *allowed.events, *refused.events, *again.events)

    assert not was_allowed(again.head, events, ADA, "wish")


def test_a_denial_of_another_person_or_wish_is_not_taken_for_this_one() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE, "wish")
    refused = deny_extension(asked.head, ADA, NINE + MINUTE, "wish")
    events = (*asked.events, *refused.events)

    assert was_refused(refused.head, events, ADA, "wish")
    assert not was_refused(refused.head, events, BO, "wish")
    assert not was_refused(refused.head, events, DANA, "wish")
    assert not was_refused(refused.head, events, ADA, "another wish")


def test_a_repeated_wish_is_recognised_until_it_is_denied() -> None:
    asked = ask_extension(_active(), DANA, HOUR, NINE, "wish")
    warned = Event("expires_soon", NINE + MINUTE)
    refused = deny_extension(asked.head, ADA, NINE + 2 * MINUTE, "denial")

    assert was_asked((*asked.events, warned), DANA, "wish")
    assert not was_asked((*asked.events, warned), BO, "wish")
    assert not was_asked((warned, *asked.events), DANA, "another wish")
    assert not was_asked((*asked.events, *refused.events), DANA, "wish")
    assert not was_asked((), DANA, "wish")


FREE = a_policy(extend_freely=True)


@pytest.mark.parametrize(
    ("freely", "approved_for", "by", "is_free"),
    [
        (False, None, HOUR, False),
        (True, None, 3 * HOUR, True),
        (True, 2 * HOUR, HOUR, True),
        (True, 2 * HOUR, HOUR + MINUTE, False),
    ],
)
def test_an_extension_is_free_if_the_policy_says_so_and_no_rule_approves_less(
    freely: bool, approved_for: timedelta | None, by: timedelta, is_free: bool
) -> None:
    rule = approved_for and RuleApproval(tables=("demo",), conditions="", longest=approved_for)
    terms = some_terms(extend_freely=freely)
    request = an_active_request(terms=terms, approved_by_rule=rule)

    assert needs_no_approval(request, by, [FREE]) is is_free


@pytest.mark.parametrize(
    ("approval", "is_free"),
    [
        (Approval(ADA, NINE), True),
        (Approval(ADA, NINE, narrowed=True), True),
        (Approval(ADA, NINE, window=HOUR), False),
    ],
)
def test_an_extension_is_not_free_if_an_approver_allowed_less_time(
    approval: Approval, is_free: bool
) -> None:
    terms = some_terms(extend_freely=True)
    request = an_active_request(terms=terms, approvals=(Approval(BO, NINE), approval))

    assert needs_no_approval(request, HOUR, [FREE]) is is_free


@pytest.mark.parametrize(
    ("today", "is_free"),
    [
        ([FREE, a_policy(extend_freely=True, longest=2 * HOUR)], True),
        ([FREE, a_policy(extend_freely=True, longest=2 * HOUR - MINUTE)], False),
        ([FREE, a_policy(extend_freely=False)], False),
    ],
    ids=["both allow it", "a lower cap", "approval"],
)
def test_an_extension_is_free_only_if_todays_policies_of_all_secrets_say_so(
    today: list[Policy], is_free: bool
) -> None:
    request = an_active_request(terms=some_terms(extend_freely=True))

    assert needs_no_approval(request, HOUR, today) is is_free


def test_a_rule_approves_from_the_end_if_the_beginning_is_unknown() -> None:
    rule = RuleApproval(tables=("demo",), conditions="", longest=HOUR)
    grant = a_grant(expires_at=NINE + HOUR)
    terms = some_terms(extend_freely=True)
    request = an_active_request(terms=terms, approved_by_rule=rule, grant=grant)

    assert needs_no_approval(request, HOUR, [FREE])
    assert not needs_no_approval(request, HOUR + MINUTE, [FREE])


def test_access_that_has_no_end_yet_cannot_be_extended() -> None:
    request = an_active_request(grant=a_grant())

    with pytest.raises(ValueError, match=r"^req-one has no end yet: it is active$"):
        most_more(request)
    with pytest.raises(ValueError, match=r"^req-one has no extension request$"):
        allow_extension(_active(), ADA, NINE)


def test_the_people_of_a_request_are_not_named_as_those_who_decide_about_more_time() -> None:
    request = replace(_active(), requester=ADA)
    asked = ask_extension(request, ADA, HOUR, NOW).head

    reason = decide_extension_answer(asked, EVE, NOW).reason

    assert reason is not None
    assert sentence_of(reason) == "Only its approvers can decide this request: Bo Backup."
