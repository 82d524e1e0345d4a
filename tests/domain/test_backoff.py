"""How long to wait before the next attempt."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.backoff import LONGEST, backoff

attempts = st.integers(min_value=1, max_value=10_000)
jitters = st.floats(min_value=0, max_value=1, exclude_max=True)
waits = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=1))


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"), [(1, 0.5, 1), (2, 1, 2), (3, 2, 4), (8, 64, 128)]
)
def test_the_wait_doubles_with_each_failure(attempt: int, shortest: float, longest: float) -> None:
    assert timedelta(seconds=shortest) == backoff(attempt, 0)
    assert timedelta(seconds=longest * 0.99) < backoff(attempt, 0.999) < timedelta(seconds=longest)


@given(attempts, jitters, waits | st.none())
def test_the_wait_never_exceeds_five_minutes(
    attempt: int, jitter: float, retry_after: timedelta | None
) -> None:
    wait = backoff(attempt, jitter, retry_after)

    assert timedelta(milliseconds=500) <= wait <= LONGEST
    assert timedelta(minutes=5) == LONGEST


@given(attempts, jitters, waits)
def test_retry_after_is_the_minimum_wait_up_to_the_cap(
    attempt: int, jitter: float, retry_after: timedelta
) -> None:
    assert backoff(attempt, jitter, retry_after) >= min(retry_after, LONGEST)


@given(attempts)
def test_jitter_spreads_every_wait_over_its_upper_half(attempt: int) -> None:
    least, most = backoff(attempt, 0), backoff(attempt, 0.999)

    assert least * 1.9 < most <= least * 2
