"""How late access ended."""

from collections import Counter
from datetime import timedelta

import pytest

from domain.access.request import AccessEvent, Request, RequestState
from domain.audit.lateness import banded, lateness_of
from domain.workflow import Event
from tests.support.builders import (
    HOUR,
    MINUTE,
    SECOND,
    a_grant,
    a_granting_request,
    a_request,
    an_active_request,
)
from tests.support.clock import NINE

GRANT = a_grant(granted_at=NINE, expires_at=NINE + HOUR)
END = NINE + HOUR


def ending(state: RequestState) -> Request:
    return an_active_request(state=state, grant=GRANT, revoke_since=END)


@pytest.mark.parametrize("late", [timedelta(), 3 * SECOND, 2 * HOUR])
def test_access_that_ended_was_late_by_the_time_until_it_was_gone(
    late: timedelta,
) -> None:
    # As they are read from the table: plain texts.
    events = [Event("ended", END), Event("revoked", END + late)]

    assert lateness_of(ending(RequestState.REVOKED), events, END + 9 * HOUR) == late


def test_access_that_an_admin_closed_was_never_seen_gone() -> None:
    events = [Event(AccessEvent.ENDED, END), Event(AccessEvent.CLOSED, END + MINUTE)]

    assert lateness_of(ending(RequestState.CLOSED), events, END + HOUR) is None


@pytest.mark.parametrize("state", [RequestState.REVOKING, RequestState.STUCK])
def test_access_that_is_not_gone_yet_counts_until_now(state: RequestState) -> None:
    assert lateness_of(ending(state), [], END + 7 * MINUTE) == 7 * MINUTE


def test_access_that_nobody_has_begun_to_end_is_late_too() -> None:
    active = an_active_request(grant=GRANT)

    assert lateness_of(active, [], END - SECOND) is None
    assert lateness_of(active, [], END + MINUTE) == MINUTE


@pytest.mark.parametrize(
    "request_",
    [
        a_request(),
        a_granting_request(),
        a_granting_request(state=RequestState.REVOKING, revoke_since=NINE),
    ],
)
def test_without_a_grant_there_is_no_lateness(request_: Request) -> None:
    assert lateness_of(request_, [], END) is None


def test_each_lateness_is_in_one_band() -> None:
    minute_and_more = [MINUTE, MINUTE + SECOND, 5 * MINUTE, HOUR, HOUR + SECOND, 30 * HOUR]

    assert banded(Counter([timedelta(), *minute_and_more])) == (2, 2, 1, 2)
    assert banded({}) == (0, 0, 0, 0)


def test_an_end_without_a_beginning_has_no_lateness() -> None:
    events = [Event("revoked", END + MINUTE)]
    revoked = an_active_request(state=RequestState.REVOKED, grant=GRANT)

    assert lateness_of(revoked, events, END + HOUR) is None
    assert lateness_of(ending(RequestState.REVOKED), [], END + HOUR) is None
