"""Who can see a request, cancel it, or end its access early."""

from collections.abc import Callable
from typing import Any

import pytest

from cards.reasons.sentences import sentence_of
from domain.access import rights as access_rights
from domain.access.request import Request, RequestState
from domain.access.rules.policy import ALLOWED
from domain.people import Actor
from domain.reasons import Reason
from domain.refusals.decisions import NoLongerPending
from domain.refusals.endings import (
    AlreadyEnded,
    NoAccessToEnd,
    NothingGrantedYet,
    NotYoursToCancel,
    NotYoursToGiveBack,
    TooLateToCancel,
    WindowOver,
)
from domain.refusals.records import NothingToSee
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    a_denied_request,
    a_granting_request,
    a_request,
    a_revoking_request,
    an_active_request,
)
from tests.support.clock import NINE
from tests.support.refusing import reason_of

Build = Callable[..., Request]

OVER = (RequestState.DENIED, RequestState.CANCELLED, RequestState.LAPSED, RequestState.FAILED)
ENDING = (RequestState.REVOKING, RequestState.STUCK, RequestState.REVOKED)


@pytest.mark.parametrize("who", [DANA, ADA, BO])
def test_requester_and_approvers_can_see_a_request(who: Actor) -> None:
    assert access_rights.decide_sight(a_request(), who, is_admin=False) == ALLOWED


def test_an_admin_can_see_every_request() -> None:
    assert access_rights.decide_sight(a_request(), CY, is_admin=True) == ALLOWED


def test_others_cannot_tell_that_a_request_exists() -> None:
    decisions = [
        access_rights.decide_sight(a_request(), EVE, is_admin=False),
        access_rights.decide_cancel(a_request(), EVE, is_admin=False),
        access_rights.decide_end(an_active_request(), EVE, is_admin=False),
        access_rights.decide_give_back(an_active_request(), EVE),
    ]

    assert [reason_of(one) for one in decisions] == [NothingToSee().reason] * 4


def test_the_requester_can_cancel_a_pending_request() -> None:
    assert access_rights.decide_cancel(a_request(), DANA, is_admin=False) == ALLOWED


@pytest.mark.parametrize(("who", "is_admin"), [(ADA, False), (CY, True)])
def test_no_one_else_can_cancel_it(who: Actor, is_admin: bool) -> None:
    reason = access_rights.decide_cancel(a_request(), who, is_admin=is_admin).reason

    assert isinstance(reason, NotYoursToCancel)
    assert "Only Dana Developer" in sentence_of(reason)


@pytest.mark.parametrize("build", [a_granting_request, an_active_request])
def test_an_approved_request_is_given_back_instead_of_cancelled(build: Build) -> None:
    reason = access_rights.decide_cancel(build(), DANA, is_admin=False).reason

    assert isinstance(reason, TooLateToCancel)
    assert "type revoke req-one." in sentence_of(reason)


@pytest.mark.parametrize(("who", "is_admin"), [(DANA, False), (ADA, False), (CY, True)])
@pytest.mark.parametrize("state", [*OVER, *ENDING])
def test_an_ended_request_cannot_be_cancelled(
    state: RequestState, who: Actor, is_admin: bool
) -> None:
    reason = access_rights.decide_cancel(a_request(state=state), who, is_admin=is_admin).reason

    assert isinstance(reason, NoLongerPending)
    assert reason.reason.params == {"state": state}


@pytest.mark.parametrize("build", [a_granting_request, an_active_request])
@pytest.mark.parametrize(("who", "is_admin"), [(DANA, False), (ADA, False), (CY, True)])
def test_requester_approvers_and_admins_can_end_access(
    build: Build, who: Actor, is_admin: bool
) -> None:
    assert access_rights.decide_end(build(), who, is_admin=is_admin) == ALLOWED


def test_a_pending_request_has_no_access_to_end() -> None:
    reason = access_rights.decide_end(a_request(), DANA, is_admin=False).reason

    assert isinstance(reason, NothingGrantedYet)
    assert "type cancel req-one," in sentence_of(reason)


@pytest.mark.parametrize("state", ENDING)
def test_the_person_who_already_ended_access_is_named(state: RequestState) -> None:
    ended = a_revoking_request(state=state, ended_by=BO, revoke_since=NINE)

    reason = access_rights.decide_end(ended, DANA, is_admin=False).reason

    assert isinstance(reason, AlreadyEnded)
    assert "by Bo Backup on 2 Mar 2026, 09:00 UTC" in sentence_of(reason)


@pytest.mark.parametrize("state", ENDING)
def test_an_ended_window_cannot_be_ended_again(state: RequestState) -> None:
    over = a_revoking_request(state=state)
    without_grant = a_revoking_request(state=state, grant=None)

    said, unknown = (
        reason_of(access_rights.decide_end(one, ADA, is_admin=False))
        for one in (over, without_grant)
    )

    assert said == WindowOver(over.granted.expires_at).reason
    assert unknown == WindowOver(None).reason


@pytest.mark.parametrize(
    "request_",
    [
        a_denied_request(),
        *(a_request(state=state) for state in OVER),
        a_revoking_request(failure=Reason("assignment_not_made_in_time")),
    ],
)
def test_without_a_grant_there_is_nothing_to_end(request_: Request) -> None:
    reason = access_rights.decide_end(request_, DANA, is_admin=False).reason

    assert isinstance(reason, NoAccessToEnd)
    assert reason.reason.params == {"state": request_.state}


@pytest.mark.parametrize("who", [ADA, BO])
def test_only_the_requester_can_give_access_back(who: Actor) -> None:
    reason = access_rights.decide_give_back(an_active_request(), who).reason

    assert isinstance(reason, NotYoursToGiveBack)
    assert reason.reason == NotYoursToGiveBack(DANA.name).reason
    assert access_rights.decide_give_back(an_active_request(), DANA) == ALLOWED


def test_access_given_back_twice_is_ended_once() -> None:
    ended: dict[str, Any] = {"ended_by": DANA, "revoke_since": NINE}

    reason = access_rights.decide_give_back(a_revoking_request(**ended), DANA).reason

    assert isinstance(reason, AlreadyEnded)
