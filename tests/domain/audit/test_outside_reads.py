"""Which reads of requestable secrets no grant was there for."""

from dataclasses import replace
from typing import Any

import pytest

from domain.access.assignment import Assignment
from domain.access.reads import LogSpan, Read, Reader, SecretOfVault
from domain.audit.outside_reads import (
    is_by_own_assignment,
    is_under_grant,
    key_of,
    spans_of_grants,
    without_grants,
)
from domain.people import Person
from tests.support.builders import (
    HOUR,
    MINUTE,
    OTHER_SECRET,
    ROLE,
    SECRET,
    VAULT,
    a_request,
    a_target,
    an_active_request,
)
from tests.support.clock import NINE

TEN = NINE + HOUR
HERE = SecretOfVault(VAULT.resource_id, SECRET)
THERE = SecretOfVault(VAULT.resource_id, OTHER_SECRET)
SOMEONE = "ABCDEF00-0000-4000-8000-00000000000a"
HOLDER = Person(SOMEONE, "Dana")
KEY = ((VAULT.resource_id.lower(), SECRET), SOMEONE.lower())
OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


def a_reader(**changes: Any) -> Reader:
    usual = Reader(place=HERE, caller=SOMEONE, is_person=True, count=1, first=NINE, last=NINE)
    return replace(usual, **changes)


def a_read(**changes: Any) -> Read:
    return replace(Read(at=NINE, place=HERE, version="v1", caller=SOMEONE), **changes)


@pytest.mark.parametrize("one", [a_reader(caller=SOMEONE.lower()), a_read(caller=SOMEONE.upper())])
def test_secret_and_reader_are_known_in_any_case(one: Reader | Read) -> None:
    assert key_of(one) == KEY


@pytest.mark.parametrize("scope", [VAULT.resource_id, VAULT.secret_scope(SECRET)])
@pytest.mark.parametrize("role", [ROLE, OFFICER])
def test_an_assignment_of_latchkeys_is_known_by_its_id(scope: str, role: str) -> None:
    own = Assignment(scope, SOMEONE, role).id
    read = a_read(assignment=f"{scope}/roleAssignments/{own.upper()}")

    assert is_by_own_assignment(read, (ROLE, OFFICER))
    assert not is_by_own_assignment(read, ())


@pytest.mark.parametrize(
    "assignment",
    [
        "",
        "00000000-0000-4000-8000-000000000001",
        Assignment(VAULT.secret_scope(OTHER_SECRET), SOMEONE, ROLE).id,
        Assignment(VAULT.resource_id, "another", ROLE).id,
    ],
)
def test_no_other_assignment_is_latchkeys(assignment: str) -> None:
    assert is_by_own_assignment(a_reader(assignment=assignment), (ROLE,)) is False


def test_each_grant_has_a_span_for_each_of_its_secrets() -> None:
    both = an_active_request(targets=(a_target(), a_target(OTHER_SECRET)), beneficiary=HOLDER)
    ended = an_active_request(beneficiary=HOLDER, gone_at=NINE + MINUTE)
    refused = a_request(beneficiary=HOLDER)

    spans = spans_of_grants([refused, both, ended], TEN)

    other = ((VAULT.resource_id.lower(), OTHER_SECRET), SOMEONE.lower())
    long, short = LogSpan(NINE - MINUTE, TEN), LogSpan(NINE - MINUTE, NINE + 11 * MINUTE)
    assert spans == {KEY: [long, short], other: [long]}


def test_what_was_read_under_a_grant_is_left_out() -> None:
    inside, outside = a_read(at=NINE + MINUTE, assignment="a"), a_read(at=TEN + MINUTE)
    granted = {KEY: [LogSpan(NINE - HOUR, NINE - MINUTE), LogSpan(NINE, TEN)]}

    found = without_grants([a_reader(count=2)], [inside, outside], granted)

    assert found == [a_reader(first=outside.at, last=outside.at)]


def test_a_read_outside_of_a_grant_keeps_who_could_read_by_what() -> None:
    read = a_read(assignment="someones-own")

    found = without_grants([], [read], {KEY: []})

    assert found == [a_reader(assignment="someones-own")]


def test_of_those_who_had_no_grant_all_reads_count_and_single_ones_do_not() -> None:
    reader = a_reader(count=7)

    assert without_grants([reader], [a_read()], {}) == [reader]


def test_reads_of_one_person_or_application_are_one_line() -> None:
    later = {"first": TEN, "last": TEN + MINUTE}
    application = a_reader(is_person=False, application="app", count=9)

    found = without_grants(
        [
            a_reader(count=2, first=NINE, last=TEN),
            a_reader(count=3, assignment="other", **later),
            application,
        ],
        [],
        {},
    )

    assert found == [application, a_reader(count=5, first=NINE, last=TEN + MINUTE)]


def test_earlier_reads_that_are_added_later_move_the_first() -> None:
    late, early = a_reader(first=TEN, last=TEN), a_reader(first=NINE, last=NINE)

    assert without_grants([late, early], [], {}) == [a_reader(count=2, first=NINE, last=TEN)]


def test_the_most_frequent_come_first_and_the_rest_by_secret_and_reader() -> None:
    often = a_reader(caller="z", place=HERE, count=5)
    by_name = [a_reader(caller="b", place=THERE), a_reader(caller="a"), a_reader(caller="b")]

    found = without_grants([*reversed(by_name), often], [], {})

    assert found == [often, *by_name]


def test_a_read_of_what_nobody_was_granted_is_under_no_grant() -> None:
    assert not is_under_grant(a_read(), {})
