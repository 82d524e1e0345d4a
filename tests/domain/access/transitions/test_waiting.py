"""Reminders, escalation, and grants that wait for Azure."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.access.extension import Extension
from domain.access.grant import AzureAnswer, Grant
from domain.access.request import ROOM_PATIENCE, Request, RequestState
from domain.access.transitions.waiting import (
    LOOK_FOR_ROOM,
    REMIND_AGAIN,
    await_rights,
    await_room,
    decide_reminder,
    escalate,
    is_known_not_allowed,
    is_long_after_approval,
    note_not_allowed,
    remind,
    skip_reminder,
)
from domain.people import Group, Principals
from domain.reasons import Reason
from domain.refusals.decisions import (
    NoLongerAllowed,
    NoLongerPending,
    RemindedAlready,
    RequesterGone,
)
from domain.refusals.records import NothingToSee
from domain.refusals.refusal import Refusal
from domain.workflow import Change, Event, Fact
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    SECOND,
    SECRET,
    a_grant,
    a_granting_request,
    a_request,
    an_active_request,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE
from tests.support.refusing import reason_of

LAPSES = a_request().lapses_at
MOMENT = SECOND / 1_000_000
AGAIN = NINE + REMIND_AGAIN
NOT_ALLOWED = NoLongerAllowed(SECRET, DANA.name).reason
FULL = AzureAnswer(400, "RoleAssignmentLimitExceeded")


@pytest.mark.parametrize(
    ("request_", "now", "refusal"),
    [
        (a_request(), NINE, None),
        (a_request(), LAPSES - MOMENT, None),
        (a_request(), LAPSES, NoLongerPending(RequestState.LAPSED)),
        (an_active_request(), NINE, NoLongerPending(RequestState.ACTIVE)),
        (a_request(reminded_at=NINE), AGAIN - MOMENT, RemindedAlready(NINE, AGAIN)),
        (a_request(reminded_at=NINE), AGAIN, None),
    ],
)
def test_approvers_can_be_reminded_now_and_then_while_a_request_is_pending(
    request_: Request, now: datetime, refusal: Refusal | None
) -> None:
    expected = refusal.reason if refusal else None

    assert reason_of(decide_reminder(request_, DANA, now)) == expected


def test_others_cannot_tell_from_a_reminder_that_a_request_exists() -> None:
    for_eve = a_request(beneficiary=in_directory(EVE))

    assert decide_reminder(for_eve, EVE, NINE).allowed
    assert reason_of(decide_reminder(for_eve, ADA, NINE)) == NothingToSee().reason


def test_the_planned_reminder_is_the_last_one() -> None:
    change = remind(a_request(remind_at=NINE + HOUR), NINE + HOUR)

    assert change.head == a_request(reminded_at=NINE + HOUR)
    assert change.events == (Event("reminded", NINE + HOUR),)


@pytest.mark.parametrize(
    ("planned", "then"),
    [
        (None, None),
        (NINE + HOUR, NINE + HOUR),
        (NINE + MINUTE, AGAIN),
        (LAPSES - MOMENT, LAPSES - MOMENT),
        (LAPSES, None),
    ],
    ids=["none", "much later", "too soon", "before it lapses", "too late"],
)
def test_a_reminder_that_someone_asked_for_moves_the_planned_one(
    planned: datetime | None, then: datetime | None
) -> None:
    change = remind(a_request(remind_at=planned), NINE, DANA)

    assert change.head == a_request(remind_at=then, reminded_at=NINE)
    assert change.events == (Event("reminded", NINE, DANA),)


def test_an_escalation_names_only_those_who_were_not_asked_before() -> None:
    terms = some_terms(escalation=tuple(map(in_directory, (BO, CY, EVE))))

    change = escalate(a_request(escalate_at=NINE, terms=terms), NINE)

    approvers = tuple(map(in_directory, (ADA, BO, CY, EVE)))
    assert change.head == a_request(terms=replace(terms, approvers=approvers))
    facts = {
        "asked": "Cy Careful, Eve Engineer",
        "asked_ids": f"{CY.object_id} {EVE.object_id}",
    }
    assert change.events == (Event("escalated", NINE, None, facts),)


@pytest.mark.parametrize("in_channel", [True, False])
def test_an_escalation_asks_nobody_less_in_the_channel(in_channel: bool) -> None:
    later = (a_request().terms.named,)
    terms = some_terms(in_channel=in_channel, later_deciders=later)

    head = escalate(a_request(terms=terms), NINE).head

    assert head.terms.in_channel is in_channel


def test_missing_rights_are_announced_once() -> None:
    earlier = Event("reminded", NINE)
    request = a_granting_request(answer=AzureAnswer(403, "AuthorizationFailed"))

    first = await_rights(Change(request, (earlier,)), NINE + MINUTE)
    second = await_rights(Change(first.head), NINE + 2 * MINUTE)

    facts: dict[str, Fact] = {
        "until": (NINE + 10 * MINUTE).isoformat(),
        "status": 403,
        "code": "AuthorizationFailed",
    }
    assert first.head == replace(request, grant=a_grant(awaits_rights=True))
    assert first.events == (earlier, Event("not_permitted_yet", NINE + MINUTE, None, facts))
    assert second == Change(first.head)


def test_a_grant_waits_for_hours_for_room_in_a_full_subscription() -> None:
    earlier = Event("reminded", NINE)
    request = a_granting_request(answer=FULL, retry_at=NINE + HOUR)

    first = await_room(Change(request, (earlier,)), NINE)
    again = replace(first.head, retry_at=NINE + 3 * HOUR)
    second = await_room(Change(again, (earlier,)), NINE + HOUR)

    until = NINE + ROOM_PATIENCE
    facts: dict[str, Fact] = {"until": until.isoformat(), "status": 400, "code": FULL.code}
    waiting = replace(request, grant=a_grant(give_up_at=until, awaits_room=True))
    assert first.head == replace(waiting, retry_at=NINE + LOOK_FOR_ROOM)
    assert first.events == (earlier, Event("no_room_yet", NINE, None, facts))
    assert second.head == replace(waiting, retry_at=NINE + HOUR + LOOK_FOR_ROOM)
    assert second.events == (earlier,)


def test_nothing_stays_half_granted_while_a_subscription_is_full() -> None:
    half = a_grant(made=("one",))
    request = a_granting_request(answer=FULL, grant=half)

    change = await_room(Change(request), NINE)

    assert change.head == replace(request, retry_at=NINE, grant=replace(half, awaits_room=True))
    assert change.events[0].facts["until"] == half.give_up_at.isoformat()


@pytest.mark.parametrize(
    ("grant", "after", "is_long"),
    [
        (a_grant(), MINUTE - SECOND, False),
        (a_grant(), MINUTE, True),
        (a_grant(give_up_at=NINE + ROOM_PATIENCE, awaits_room=True), SECOND, True),
    ],
)
def test_what_a_grant_relies_on_holds_for_a_minute_and_not_while_it_waits_for_room(
    grant: Grant, after: timedelta, is_long: bool
) -> None:
    request = a_granting_request(grant=grant)

    assert is_long_after_approval(request, NINE + after) is is_long


def test_what_nobody_can_approve_is_noted_in_place_of_the_reminder() -> None:
    request = a_request(remind_at=NINE + HOUR)

    noted = skip_reminder(request, NOT_ALLOWED, NINE + HOUR)

    assert noted.head == replace(request, remind_at=None)
    assert [(one.kind, one.at, one.actor) for one in noted.events] == [
        ("not_allowed_now", NINE + HOUR, None)
    ]


def test_a_request_that_an_approver_could_not_approve_stays_as_it_is() -> None:
    request = a_request(remind_at=NINE + HOUR, starts_at=NINE + 9 * HOUR)

    noted = note_not_allowed(request, NOT_ALLOWED, NINE, ADA)

    [event] = noted.events
    assert noted.head == request
    assert (event.at, event.actor) == (NINE, ADA)
    assert "starts_at" not in event.facts


@pytest.mark.parametrize(
    ("why", "known"),
    [(NOT_ALLOWED, True), (RequesterGone(DANA.name).reason, False)],
)
def test_what_nobody_can_approve_is_known_by_the_kind_of_its_reason(
    why: Reason, known: bool
) -> None:
    events = note_not_allowed(a_request(), NOT_ALLOWED, NINE, ADA).events

    assert is_known_not_allowed(a_request(), why, events) is known


def test_that_a_request_could_not_be_approved_says_nothing_of_more_time() -> None:
    events = note_not_allowed(a_request(), NOT_ALLOWED, NINE, ADA).events
    extending = an_active_request(extension=Extension(HOUR, NINE))

    assert not is_known_not_allowed(extending, NOT_ALLOWED, events)


def test_that_a_request_could_not_be_approved_says_nothing_of_its_start_later() -> None:
    events = note_not_allowed(a_request(), NOT_ALLOWED, NINE, ADA).events
    scheduled = a_request(state=RequestState.SCHEDULED, starts_at=NINE + 9 * HOUR)
    again = note_not_allowed(scheduled, NOT_ALLOWED, NINE).events

    assert not is_known_not_allowed(scheduled, NOT_ALLOWED, events)
    assert is_known_not_allowed(scheduled, NOT_ALLOWED, (*events, *again))


def test_an_escalation_does_not_say_that_it_asks_the_people_of_the_request() -> None:
    contacts = tuple(map(in_directory, (DANA, EVE, CY)))
    request = a_request(terms=some_terms(escalation=contacts), beneficiary=in_directory(EVE))

    [event] = escalate(request, NINE).events

    assert event.facts == {"asked": "Cy Careful", "asked_ids": CY.object_id}


def test_an_escalation_names_the_groups_that_it_asks_besides() -> None:
    leads, payments = Group("group-1", "Leads"), Group("group-2", "Payments")
    terms = some_terms(
        deciders=(Principals((), (payments,)),),
        later_deciders=(Principals((), (payments, leads)),),
    )

    [event] = escalate(a_request(terms=terms), NINE).events

    assert event.facts["asked_groups"] == "Leads"
