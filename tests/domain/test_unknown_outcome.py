"""Times of which either may be missing."""

from datetime import datetime

import pytest

from domain.unknown_outcome import later
from tests.support.builders import HOUR
from tests.support.clock import NINE


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NINE, NINE + HOUR, NINE + HOUR),
        (NINE + HOUR, NINE, NINE + HOUR),
        (None, NINE, NINE),
        (NINE, None, NINE),
        (None, None, None),
    ],
)
def test_the_later_of_two_times_is_one_that_is_known(
    one: datetime | None, other: datetime | None, expected: datetime | None
) -> None:
    assert later(one, other) == expected
