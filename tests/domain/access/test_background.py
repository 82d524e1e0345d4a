"""What approvers are told about earlier requests."""

from domain.access.background import AskedBefore, EarlierRequest, sum_up
from tests.support.builders import HOUR, SECRET
from tests.support.clock import NINE

EARLIER = [
    EarlierRequest(NINE, granted=True),
    EarlierRequest(NINE + HOUR, granted=False),
    EarlierRequest(NINE - HOUR, granted=True),
]


def test_earlier_requests_are_counted_up_to_the_last_one() -> None:
    [one] = sum_up(SECRET, EARLIER, or_more=False)
    [many] = sum_up(SECRET, EARLIER, or_more=True)

    assert one == AskedBefore(SECRET, 3, 2, NINE + HOUR)
    assert many.or_more


def test_a_first_request_has_no_earlier_ones() -> None:
    assert sum_up(SECRET, [], or_more=False) == ()
