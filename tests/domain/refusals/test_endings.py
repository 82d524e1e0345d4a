"""What the refusals of endings keep."""

from domain.reasons import Reason
from domain.refusals.endings import WindowOver


def test_a_window_that_is_over_may_have_ended_at_an_unknown_time() -> None:
    assert WindowOver().reason == Reason("window_over", {"at": None})
