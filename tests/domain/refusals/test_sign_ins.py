"""What the refusals of sign-ins keep."""

from domain.reasons import Reason
from domain.refusals.sign_ins import StepUpNeeded
from tests.support.builders import HOUR


def test_a_fresh_sign_in_that_is_needed_says_what_it_must_be_like_and_stores_nothing() -> None:
    refusal = StepUpNeeded(["c1", "c7"], HOUR)

    assert refusal.reason == Reason("step_up_needed")
    assert (refusal.contexts, refusal.max_age) == (("c1", "c7"), HOUR)
