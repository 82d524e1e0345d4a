"""How long versions are valid, and when the next ones expire."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.rotation.expiry import (
    ExpiryFrom,
    PlannedExpiry,
    lifetime,
    plan_expiry,
    successor_expiry,
)
from tests.support.clock import NINE
from tests.support.rotation.builders import DAY


@pytest.mark.parametrize(
    ("created", "not_before", "expires", "expected"),
    [
        (NINE, None, NINE + 90 * DAY, 90 * DAY),
        (NINE, NINE + DAY, NINE + 31 * DAY, 30 * DAY),
        (NINE + 80 * DAY, NINE, NINE + 90 * DAY, 90 * DAY),
        (None, NINE, NINE + DAY, DAY),
        (NINE, None, None, None),
        (None, None, NINE, None),
        (NINE, None, NINE, None),
        (NINE, None, NINE - DAY, None),
    ],
)
def test_a_lifetime_counts_from_when_a_version_becomes_valid(
    created: datetime | None,
    not_before: datetime | None,
    expires: datetime | None,
    expected: timedelta | None,
) -> None:
    assert lifetime(created, not_before, expires) == expected


@pytest.mark.parametrize(
    ("max_age", "lived", "ends", "expected"),
    [
        (None, None, None, None),
        (None, 90 * DAY, None, 90 * DAY),
        (30 * DAY, 90 * DAY, None, 30 * DAY),
        (90 * DAY, 30 * DAY, None, 90 * DAY),
        (None, None, 730 * DAY, 730 * DAY),
        (None, 90 * DAY, 60 * DAY, 60 * DAY),
        (30 * DAY, None, 31 * DAY, 30 * DAY),
    ],
)
def test_the_policy_overrides_the_lifetime_and_no_version_outlives_its_credential(
    max_age: timedelta | None,
    lived: timedelta | None,
    ends: timedelta | None,
    expected: timedelta | None,
) -> None:
    ends_at = NINE + ends if ends else None

    found = successor_expiry(NINE, max_age=max_age, lifetime=lived, ends_at=ends_at)

    assert found == (NINE + expected if expected else None)


def test_nothing_expires_later_than_a_date_can_be_written() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

    expiries = [
        successor_expiry(NINE, max_age=None, lifetime=last - NINE + more)
        for more in (-DAY, timedelta(), DAY, 9000 * 365 * DAY / 2)
    ]

    assert expiries == [last - DAY, last, last, last]


@pytest.mark.parametrize(
    ("max_age", "lived", "may_end", "expected"),
    [
        (30 * DAY, 90 * DAY, True, PlannedExpiry(NINE + 30 * DAY, ExpiryFrom.POLICY)),
        (None, 90 * DAY, True, PlannedExpiry(NINE + 90 * DAY, ExpiryFrom.PREDECESSOR)),
        (None, None, True, PlannedExpiry(None, ExpiryFrom.CREDENTIAL)),
        (None, None, False, PlannedExpiry(None, ExpiryFrom.NOTHING)),
    ],
)
def test_a_plan_names_the_source_of_the_expiry(
    max_age: timedelta | None, lived: timedelta | None, expected: PlannedExpiry, *, may_end: bool
) -> None:
    assert plan_expiry(NINE, max_age=max_age, lifetime=lived, may_end=may_end) == expected
