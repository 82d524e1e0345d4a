"""Which reads of a grant the vaults' log shows, and what it can't show."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.access.reads import (
    LOG_DELAY,
    OUTLIVES,
    Logged,
    LogSpan,
    Read,
    ReadOfGrant,
    SecretOfVault,
    guid_in,
    looked_at,
    seen_in,
    span_of,
)
from domain.access.request import Request, RequestState
from domain.people import Person
from tests.support.builders import (
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECOND,
    SECRET,
    VAULT,
    a_request,
    a_target,
    an_active_request,
)
from tests.support.clock import NINE

TEN = NINE + HOUR
NOON = NINE + 3 * HOUR
HERE = SecretOfVault(VAULT.resource_id, SECRET)
HEARD = {VAULT.resource_id.lower(): NOON}


def a_read(at: datetime = NINE + MINUTE, **changes: Any) -> Read:
    usual: dict[str, Any] = {"place": HERE, "version": "v1", "caller": DANA.object_id}
    return Read(at=at, **(usual | changes))


def an_ended_request() -> Request:
    """Build a request whose access was there from nine to ten."""
    return an_active_request(state=RequestState.REVOKED, gone_at=TEN)


def seen(request: Request, *reads: Read, now: datetime = NOON, **logged: Any) -> Any:
    span = span_of(request, now)
    assert span
    newest_first = tuple(sorted(reads, key=lambda read: read.at, reverse=True))
    found = Logged(**({"reads": newest_first, "heard": HEARD} | logged))
    return seen_in(request, span, found, now)


def test_what_was_never_granted_has_no_reads() -> None:
    assert span_of(a_request(), NOON) is None


def test_it_is_looked_for_from_just_before_the_grant_until_now() -> None:
    assert span_of(an_active_request(), TEN) == LogSpan(NINE - MINUTE, TEN)


def test_after_the_end_it_is_looked_for_as_long_as_azure_may_take_to_apply_it() -> None:
    request = an_ended_request()

    assert span_of(request, TEN + MINUTE) == LogSpan(NINE - MINUTE, TEN + MINUTE)
    assert span_of(request, NOON) == LogSpan(NINE - MINUTE, TEN + OUTLIVES)


def test_the_log_is_asked_from_before_the_request_since_latchkey_leaves_a_line_then() -> None:
    request = an_active_request(requested_at=NINE - HOUR)

    asked = looked_at(request, LogSpan(NINE - MINUTE, TEN))

    assert asked == LogSpan(NINE - HOUR - 5 * MINUTE, TEN)


def test_reads_are_summed_up_by_version_the_secrets_in_their_order() -> None:
    targets = (a_target(OTHER_SECRET), a_target())
    found = seen(
        an_active_request(targets=targets),
        a_read(NINE + 2 * MINUTE),
        a_read(NINE + 9 * MINUTE),
        a_read(NINE + 30 * MINUTE, version="v2"),
        a_read(NINE + 40 * MINUTE, place=SecretOfVault(VAULT.resource_id.upper(), OTHER_SECRET)),
    )

    shown = [(one.secret, one.version, one.count, one.first, one.last) for one in found.versions]
    late = NINE + 40 * MINUTE
    assert shown == [
        (OTHER_SECRET, "v1", 1, late, late),
        (SECRET, "v1", 2, NINE + 2 * MINUTE, NINE + 9 * MINUTE),
        (SECRET, "v2", 1, NINE + 30 * MINUTE, NINE + 30 * MINUTE),
    ]


def test_what_others_read_and_what_else_was_read_is_left_out() -> None:
    found = seen(
        an_active_request(),
        a_read(caller=EVE.object_id),
        a_read(place=SecretOfVault(VAULT.resource_id, OTHER_SECRET)),
        a_read(NINE - HOUR),
        a_read(caller=DANA.object_id.upper()),
    )

    [only] = found.versions
    assert only.count == 1


def test_a_span_includes_both_of_its_ends() -> None:
    request = an_ended_request()

    found = seen(
        request,
        *(a_read(NINE - MINUTE), a_read(TEN + OUTLIVES)),
        *(a_read(NINE - MINUTE - SECOND), a_read(TEN + OUTLIVES + SECOND)),
    )

    assert found.span == LogSpan(NINE - MINUTE, TEN + OUTLIVES)
    assert found.versions[0].count == 2


def test_the_holder_is_known_however_their_id_is_written() -> None:
    holder = Person("abcdef00-0000-4000-8000-00000000000A", "Dana")

    found = seen(
        an_active_request(beneficiary=holder),
        a_read(caller=holder.object_id.lower()),
        a_read(caller=holder.object_id.upper()),
    )

    assert found.versions[0].count == 2


@pytest.mark.parametrize("written", ["AB-cd", "a/b/AB-cd", "/a/b/ab-CD/", "abcd"])
def test_an_assignment_is_known_by_the_last_part_of_its_id(written: str) -> None:
    assert guid_in(written) == "abcd"


def test_reads_after_the_end_are_told_apart() -> None:
    found = seen(an_ended_request(), a_read(TEN), a_read(TEN + MINUTE))

    assert (found.versions[0].count, found.late) == (2, 1)


def test_reads_that_another_role_assignment_allowed_are_told_apart() -> None:
    request = an_active_request()
    [own] = request.assignments

    found = seen(
        request,
        a_read(assignment=own.id.upper()),
        a_read(assignment=f"{VAULT.resource_id}/roleAssignments/{own.id}"),
        a_read(assignment=own.id.replace("-", "")),
        a_read(assignment="b24988ac-6180-42a0-ab88-20f7382dd24c"),
        a_read(),  # not logged: nothing is said about it
    )

    assert found.by_other_role == 1


def test_a_vault_without_any_line_is_silent() -> None:
    assert seen(an_active_request()).silent == ()
    assert seen(an_active_request(), heard={}).silent == (VAULT.name,)


def test_an_answer_that_is_not_whole_makes_no_vault_silent() -> None:
    found = seen(an_active_request(), heard={}, is_whole=False)

    assert (found.silent, found.is_whole) == ((), False)


def test_what_may_still_come_is_said_until_the_log_has_caught_up_with_the_end() -> None:
    request = an_ended_request()
    caught_up = TEN + OUTLIVES + LOG_DELAY

    assert seen(an_active_request()).known_until == NOON - LOG_DELAY
    assert seen(request, now=caught_up - MINUTE).known_until == TEN + OUTLIVES - MINUTE
    assert seen(request, now=caught_up).known_until is None


def test_a_new_grant_is_not_known_at_all() -> None:
    assert seen(an_active_request(), now=NINE + MINUTE).known_until == NINE


def test_each_read_says_what_it_has_to_do_with_the_grant() -> None:
    request = an_ended_request()
    [own] = request.assignments
    by_grant = a_read(NINE + 3 * MINUTE, assignment=own.id, operation="SecretBackup")
    by_other = a_read(TEN + MINUTE, assignment="b24988ac-6180-42a0-ab88-20f7382dd24c")
    by_someone = a_read(NINE + MINUTE, assignment=own.id.upper(), caller="")

    found = seen(request, by_grant, by_other, by_someone)

    assert found.reads == (
        ReadOfGrant(read=by_other, is_by_grant=False, is_late=True),
        ReadOfGrant(read=by_grant, is_by_grant=True),
        ReadOfGrant(read=by_someone, is_by_grant=True, is_by_holder=False),
    )
    assert (found.count, found.by_other_role, found.by_others, found.late) == (3, 1, 1, 1)
    assert found.versions[0].operations == ("SecretBackup", "SecretGet")


def test_what_the_grant_opened_beside_what_was_asked_for_is_told_apart() -> None:
    request = an_active_request()
    [own] = request.assignments
    there = SecretOfVault(VAULT.resource_id, OTHER_SECRET)

    found = seen(request, a_read(), a_read(NINE + 2 * MINUTE, place=there, assignment=own.id))

    assert [each.secret for each in found.versions] == [SECRET, OTHER_SECRET]
    assert (found.count, found.of_other_secrets) == (2, 1)


def test_an_incomplete_answer_is_known_as_one() -> None:
    assert seen(an_active_request(), is_partial=True).is_partial


def test_a_read_is_the_holders_however_the_log_writes_their_id() -> None:
    holder = replace(DANA, object_id="ABCDEF00-0000-4000-8000-000000000001")
    request = replace(an_ended_request(), requester=holder)

    found = seen(request, a_read(caller=holder.object_id.lower()))

    assert found.by_others == 0
