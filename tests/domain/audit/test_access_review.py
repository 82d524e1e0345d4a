"""Who had which access how often in a period."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.access.approval import Approval, RuleApproval
from domain.access.request import Request, RequestState
from domain.access.transitions.leaving_out import leave_out
from domain.audit.access_review import Holding, Period, Tally
from domain.audit.unused import PolicyRight
from domain.people import Actor
from domain.policies.rule import Rule, Rules
from domain.workflow import Event
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    a_denied_request,
    a_grant,
    a_policy,
    a_request,
    a_target,
    a_target_alone,
    an_active_request,
    in_directory,
)
from tests.support.clock import NINE

DAY = timedelta(days=1)
BY_RULE = RuleApproval(tables=(SECRET,), conditions="at most 30 minutes", longest=HOUR)
PERIOD = Period(NINE - DAY, NINE + 2 * DAY)
RULES = Rules(
    defaults=a_policy(),
    rules=(
        Rule(SECRET, a_policy()),
        Rule("app-*", a_policy(secret="app-*")),
        Rule("closed-key"),
    ),
)


def tally(*lives: tuple[Request, tuple[Event, ...]], period: Period = PERIOD) -> Tally:
    added = Tally(period, RULES)
    for request, events in lives:
        added.add(request, events)
    return added


def a_life(
    start: datetime = NINE, end: datetime | None = None, **changes: Any
) -> tuple[Request, tuple[Event, ...]]:
    """Build access from ``start``; if it has no end, it is still active."""
    grant = a_grant(granted_at=start, expires_at=start + HOUR)
    request = an_active_request(grant=grant, requested_at=start, **changes)
    asked, granted = Event("requested", start, request.requester), Event("granted", start)
    if end is None:
        return request, (asked, granted)
    over = replace(request, state=RequestState.REVOKED)
    return over, (asked, granted, Event("revoked", end))


def only(found: Tally) -> Holding:
    [holding] = found.holdings()
    return holding


def test_grants_are_counted_by_person_and_secret() -> None:
    found = tally(
        a_life(NINE, NINE + HOUR),
        a_life(NINE + 2 * HOUR, NINE + 3 * HOUR),
        a_life(NINE, NINE + HOUR, requester=EVE),
        a_life(NINE, NINE + HOUR, targets=(a_target(OTHER_SECRET),)),
    ).holdings()

    assert [(one.person.name, one.secret, one.granted) for one in found] == [
        ("Dana Developer", SECRET, 2),
        ("Dana Developer", OTHER_SECRET, 1),
        ("Eve Engineer", SECRET, 1),
    ]


def test_each_secret_of_a_request_counts_but_not_what_was_left_out() -> None:
    three = tuple(a_target_alone(name) for name in (SECRET, OTHER_SECRET, "app-two"))
    request, events = a_life(NINE, NINE + HOUR, targets=three)

    found = tally((leave_out(request, (OTHER_SECRET,), ADA), events)).holdings()

    assert {one.secret for one in found} == {SECRET, "app-two"}


def test_each_secret_counts_also_if_all_were_granted_before_the_period() -> None:
    both = (a_target_alone(SECRET), a_target_alone(OTHER_SECRET))

    found = tally(a_life(PERIOD.since - HOUR, PERIOD.since + HOUR, targets=both)).holdings()

    assert [one.secret for one in found] == sorted([SECRET, OTHER_SECRET])


def test_what_was_held_longer_comes_first_among_the_equally_frequent() -> None:
    found = tally(
        a_life(NINE, NINE + HOUR, requester=DANA),
        a_life(NINE, NINE + 2 * HOUR, requester=EVE),
    )

    assert [one.person for one in found.holdings()] == [EVE.as_person(), DANA.as_person()]
    assert found.requests == 2


def test_it_is_counted_for_the_grantee_and_not_for_who_asked() -> None:
    assert only(tally(a_life(beneficiary=in_directory(EVE)))).person == in_directory(EVE)


def test_secrets_of_one_name_in_two_vaults_are_two() -> None:
    lives = [a_life(targets=(a_target(vault=vault),)) for vault in ("kv-a", "kv-b", "KV-A")]

    found = tally(*lives).holdings()
    assert [(one.vault, one.granted) for one in found] == [("kv-a", 2), ("kv-b", 1)]


@pytest.mark.parametrize(
    ("start", "end", "granted", "held"),
    [
        (NINE, NINE + 3 * HOUR, 1, 3 * HOUR),
        (NINE, None, 1, 2 * DAY),
        (PERIOD.since - HOUR, PERIOD.since + MINUTE, 0, MINUTE),
        (PERIOD.since - HOUR, None, 0, 3 * DAY),
        (PERIOD.since, PERIOD.since + HOUR, 1, HOUR),
        (PERIOD.since - HOUR, PERIOD.since, 0, timedelta()),
        (PERIOD.until, None, 1, timedelta()),
    ],
    ids=[
        "all of it",
        "still held",
        "its end",
        "longer than the period",
        "at its start",
        "over as it starts",
        "granted as it ends",
    ],
)
def test_only_the_time_in_the_period_counts(
    start: datetime, end: datetime | None, granted: int, held: timedelta
) -> None:
    found = only(tally(a_life(start, end)))

    assert (found.granted, found.held, found.is_held_now) == (granted, held, end is None)
    assert found.last_granted == (start if granted else None)


@pytest.mark.parametrize(
    "life",
    [
        a_life(PERIOD.since - HOUR, PERIOD.since - MINUTE),
        a_life(PERIOD.until + MINUTE),
        (a_request(), ()),
        (a_denied_request(), (Event("requested", NINE, DANA), Event("denied", NINE, BO))),
        (an_active_request(state=RequestState.GRANTING, grant=a_grant()), ()),
        (an_active_request(state=RequestState.FAILED, grant=a_grant()), ()),
    ],
    ids=["over before", "later", "pending", "denied", "being granted", "failed"],
)
def test_what_gave_no_access_in_the_period_is_no_access(
    life: tuple[Request, tuple[Event, ...]],
) -> None:
    found = tally(life)

    assert (found.holdings(), found.used, found.requests) == ((), set(), 1)


@pytest.mark.parametrize("state", [RequestState.REVOKING, RequestState.STUCK])
def test_access_that_azure_has_not_confirmed_as_gone_is_held(state: RequestState) -> None:
    request, events = a_life()
    late = an_active_request(state=state, grant=request.grant)

    assert only(tally((late, (*events, Event("ended", NINE + HOUR))))).is_held_now


def test_the_time_of_several_grants_adds_up_and_the_latest_is_the_last() -> None:
    found = only(tally(a_life(NINE + DAY, NINE + DAY + HOUR), a_life(NINE, NINE + HOUR)))

    assert (found.held, found.last_granted) == (2 * HOUR, NINE + DAY)


@pytest.mark.parametrize("is_active_first", [True, False])
def test_it_is_held_now_if_one_of_several_grants_is(is_active_first: bool) -> None:
    lives = [a_life(NINE + DAY), a_life(NINE, NINE + HOUR)]

    assert only(tally(*(lives if is_active_first else reversed(lives)))).is_held_now


def test_it_names_who_approved_most_often() -> None:
    def approved_by(*people: Actor) -> tuple[Request, tuple[Event, ...]]:
        return a_life(approvals=tuple(Approval(who, NINE) for who in people))

    often = (approved_by(ADA), approved_by(BO, ADA), approved_by(ADA))
    found = only(tally(*often, approved_by(BO)))

    assert (found.approver, found.approved) == (ADA.as_person(), 3)


def test_of_two_who_approved_as_often_the_same_one_is_always_named() -> None:
    both = [a_life(approvals=(Approval(who, NINE),)) for who in (ADA, BO)]

    named = {only(tally(*lives)).approver for lives in (both, both[::-1])}

    assert named == {BO.as_person()}


def test_break_glass_access_approvals_by_rule_and_whole_vaults_are_counted() -> None:
    taken = a_life(broke_glass=True, approvals=())
    by_rule = a_life(approved_by_rule=BY_RULE, approvals=())
    alone = a_life(targets=(a_target_alone(),))

    found = only(tally(taken, by_rule, alone, a_life()))

    assert (found.granted, found.broke_glass, found.by_rule, found.whole_vault) == (4, 1, 1, 3)
    assert only(tally(taken)).approved == 0


@pytest.mark.parametrize(
    ("secret", "rule"),
    [
        (SECRET, SECRET),
        (SECRET.upper(), SECRET),
        ("app-two", "app-*"),
        ("closed-key", ""),
        ("z", ""),
    ],
)
def test_each_access_names_the_rule_that_covers_it_now(secret: str, rule: str) -> None:
    found = tally(a_life(targets=(a_target(secret),)))

    assert only(found).rule == rule


def test_rules_are_used_by_the_access_that_they_cover() -> None:
    assert tally(a_life(targets=(a_target("app-two"),))).used == {"app-*"}


@pytest.mark.parametrize(
    ("event", "right", "people"),
    [
        (Event("requested", NINE, DANA), PolicyRight.REQUEST, {DANA, EVE}),
        (Event("broke_glass", NINE, DANA), PolicyRight.BREAK_GLASS, {DANA}),
        (Event("approved", NINE, ADA), PolicyRight.APPROVE, {ADA}),
        (Event("denied", NINE, BO), PolicyRight.APPROVE, {BO}),
        (Event("extended", NINE, CY), PolicyRight.APPROVE, {CY}),
        (Event("extension_allowed", NINE, CY), PolicyRight.APPROVE, {CY}),
        (Event("extension_denied", NINE, CY), PolicyRight.APPROVE, {CY}),
        (Event("reviewed", NINE, CY), PolicyRight.APPROVE, {CY}),
    ],
    ids=lambda one: str(one.kind) if isinstance(one, Event) else "",
)
def test_what_people_did_uses_their_right(
    event: Event, right: PolicyRight, people: set[Actor]
) -> None:
    request = a_request(beneficiary=in_directory(EVE))

    acted = tally((request, (event,))).acted

    assert acted == {(SECRET, right): {who.object_id for who in people}}


@pytest.mark.parametrize(
    "event",
    [
        Event("requested", PERIOD.since - MINUTE, DANA),
        Event("approved", PERIOD.until + MINUTE, ADA),
        Event("extended", NINE, DANA),
        Event("cancelled", NINE, DANA),
        Event("ended_early", NINE, ADA),
        Event("reminded", NINE),
        Event("blocked", NINE, DANA),
        Event("approved", NINE),
    ],
    ids=lambda one: str(one.kind),
)
def test_anything_else_uses_no_right(event: Event) -> None:
    assert tally((a_request(), (event,))).acted == {}


def test_a_decision_counts_under_the_rules_of_all_that_was_asked_for() -> None:
    both = (a_target_alone(SECRET), a_target_alone("app-two"), a_target_alone("closed-key"))
    request = leave_out(a_request(targets=both), ("app-two",), ADA)

    acted = tally((request, (Event("approved", NINE, ADA),))).acted

    assert set(acted) == {(SECRET, PolicyRight.APPROVE), ("app-*", PolicyRight.APPROVE)}


def test_what_was_done_before_the_period_does_not_hide_what_was_done_in_it() -> None:
    events = (Event("requested", PERIOD.since - MINUTE, DANA), Event("approved", NINE, ADA))

    acted = tally((a_request(), events)).acted

    assert acted == {(SECRET, PolicyRight.APPROVE): {ADA.object_id}}


def test_a_period_has_its_last_instant() -> None:
    assert PERIOD.covers(PERIOD.until)
    assert not PERIOD.covers(PERIOD.until + MINUTE)
