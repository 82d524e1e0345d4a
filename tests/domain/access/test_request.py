"""What an access request needs next."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.access.request import (
    OVERDUE_AFTER,
    AccessEffect,
    Request,
    RequestState,
    alarm_of,
    is_overdue,
    next_move,
    overdue_since,
)
from domain.workflow import Done, Move, Wait
from tests.support.builders import (
    HOUR,
    MINUTE,
    SECOND,
    a_grant,
    a_granting_request,
    a_request,
    a_revoking_request,
    a_target,
    a_target_alone,
    an_active_request,
)
from tests.support.clock import NINE

TEN = NINE + HOUR
MOMENT = SECOND / 1_000_000


@pytest.mark.parametrize(
    ("request_", "due", "effect"),
    [
        pytest.param(a_request(), NINE + 8 * HOUR, AccessEffect.LAPSE, id="pending"),
        pytest.param(
            a_granting_request(retry_at=NINE + MINUTE),
            NINE + MINUTE,
            AccessEffect.GRANT,
            id="granting",
        ),
        pytest.param(an_active_request(), TEN, AccessEffect.END, id="active"),
        pytest.param(
            a_revoking_request(retry_at=TEN + MINUTE),
            TEN + MINUTE,
            AccessEffect.REVOKE,
            id="revoking",
        ),
        pytest.param(
            a_revoking_request(state=RequestState.STUCK, retry_at=TEN + HOUR),
            TEN + HOUR,
            AccessEffect.REVOKE,
            id="stuck",
        ),
        pytest.param(
            a_request(state=RequestState.SCHEDULED, starts_at=TEN),
            TEN,
            AccessEffect.START,
            id="scheduled",
        ),
        pytest.param(
            a_request(
                state=RequestState.SCHEDULED,
                starts_at=NINE,
                retry_at=TEN,
                start_by=TEN + MINUTE,
            ),
            TEN,
            AccessEffect.START,
            id="checked again at the start",
        ),
        pytest.param(
            a_request(state=RequestState.SCHEDULED, starts_at=NINE, retry_at=TEN, start_by=TEN),
            TEN,
            AccessEffect.MISS_START,
            id="checked for too long",
        ),
        pytest.param(
            an_active_request(review_at=NINE + MINUTE),
            NINE + MINUTE,
            AccessEffect.ASK_REVIEW,
            id="active and not reviewed",
        ),
        pytest.param(
            a_revoking_request(retry_at=TEN + HOUR),
            TEN + OVERDUE_AFTER,
            AccessEffect.RAISE_ALARM,
            id="revoking for too long",
        ),
        pytest.param(
            a_revoking_request(
                state=RequestState.REVOKED, last_look_at=TEN, review_at=TEN + MINUTE
            ),
            TEN,
            AccessEffect.LOOK_AGAIN,
            id="revoked after an unanswered request",
        ),
        pytest.param(
            a_revoking_request(state=RequestState.REVOKED, review_at=TEN, see_reads_at=NINE),
            NINE,
            AccessEffect.SEE_READS,
            id="revoked and not looked for in the log",
        ),
    ],
)
def test_a_request_waits_exactly_until_it_is_due(
    request_: Request, due: datetime, effect: AccessEffect
) -> None:
    assert Wait(due) == next_move(request_, due - MOMENT)
    assert Move(effect) == next_move(request_, due)
    assert Move(effect) == next_move(request_, due + SECOND)


@pytest.mark.parametrize(
    ("request_", "effect"),
    [
        pytest.param(a_granting_request(), AccessEffect.GRANT, id="approved"),
        pytest.param(a_revoking_request(), AccessEffect.REVOKE, id="ended"),
    ],
)
def test_an_intent_is_performed_at_once(request_: Request, effect: AccessEffect) -> None:
    assert Move(effect) == next_move(request_, NINE)


def test_a_grant_is_given_up_when_its_patience_ends() -> None:
    request = a_granting_request(retry_at=NINE + HOUR, grant=a_grant(give_up_at=NINE + MINUTE))

    assert next_move(request, NINE) == Wait(NINE + MINUTE)
    assert next_move(request, NINE + MINUTE) == Move(AccessEffect.GIVE_UP)


def test_a_due_grant_is_not_tried_after_its_patience_ends() -> None:
    request = a_granting_request(retry_at=NINE, grant=a_grant(give_up_at=NINE + MINUTE))

    assert next_move(request, NINE + MINUTE - MOMENT) == Move(AccessEffect.GRANT)
    assert next_move(request, NINE + MINUTE) == Move(AccessEffect.GIVE_UP)


@pytest.mark.parametrize(
    "state",
    [
        RequestState.REVOKED,
        RequestState.DENIED,
        RequestState.CANCELLED,
        RequestState.LAPSED,
        RequestState.FAILED,
    ],
)
def test_an_ended_request_needs_nothing(state: RequestState) -> None:
    assert next_move(a_revoking_request(state=state), NINE + 1_000 * HOUR) == Done()


def test_a_revocation_is_overdue_after_five_minutes() -> None:
    request = a_revoking_request(revoke_since=TEN)

    assert not is_overdue(request, TEN + OVERDUE_AFTER - MOMENT)
    assert is_overdue(request, TEN + OVERDUE_AFTER)


def test_access_that_is_not_being_revoked_is_never_overdue() -> None:
    assert not is_overdue(an_active_request(), NINE + 1_000 * HOUR)


@pytest.mark.parametrize(
    ("request_", "at"),
    [
        (a_revoking_request(), TEN + OVERDUE_AFTER),
        (a_revoking_request(revoke_since=None), None),
        (a_revoking_request(state=RequestState.STUCK), None),
        (an_active_request(), None),
    ],
    ids=["revoking", "without a time", "stuck already", "active"],
)
def test_the_alarm_is_raised_once_for_access_being_revoked(
    request_: Request, at: datetime | None
) -> None:
    assert alarm_of(request_) == at


@pytest.mark.parametrize(
    ("request_", "now", "since"),
    [
        (an_active_request(), TEN - MOMENT, None),
        (an_active_request(), TEN, TEN),
        (an_active_request(), TEN + MINUTE, TEN),
        (an_active_request(grant=a_grant(granted_at=NINE)), TEN, None),
        (a_revoking_request(), TEN + HOUR, TEN),
        (a_revoking_request(state=RequestState.STUCK), TEN + HOUR, TEN),
        (a_revoking_request(revoke_since=None), TEN + HOUR, TEN + HOUR),
        (a_revoking_request(state=RequestState.REVOKED), TEN + HOUR, None),
    ],
)
def test_access_is_overdue_from_its_end_until_it_is_gone(
    request_: Request, now: datetime, since: datetime | None
) -> None:
    assert overdue_since(request_, now) == since


def test_secrets_with_the_same_scope_share_an_assignment() -> None:
    one, other = a_target("one"), a_target("other")
    alone = a_target_alone("alone")
    request = a_granting_request(targets=(one, alone, other))
    shared, own = request.assignments

    assert request.opened_by(shared) == ("one", "other")
    assert request.opened_by(own) == ("alone",)
    assert request.not_made() == ("one", "alone", "other")
    made = replace(request, grant=a_grant(made=(shared.id,)))
    assert made.not_made() == ("alone",)


def test_a_request_that_was_never_approved_has_no_grant() -> None:
    with pytest.raises(ValueError, match="req-one has no grant: it is pending"):
        _ = a_request().granted
