"""Changes that are sent again while a person waits for them, in virtual time."""

import asyncio
from collections.abc import Sequence

import pytest

from services.answer_time import RECORDING_SECONDS, answered_within
from services.faults import Conflict, Unavailable
from services.workflow.settling import before_the_change, settled
from tests.support.processes import virtual_time

UNKNOWN = Unavailable("Tables", "504")
NOT_DONE = Unavailable("Tables", "429", outcome_unknown=False)


class Answers:
    """What becomes of each try, and when it was made."""

    def __init__(self, *answers: Exception | str, takes: float = 0) -> None:
        self._answers = iter(answers)
        self._takes = takes
        self.at: list[float] = []

    async def send(self) -> str:
        self.at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._takes)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_what_is_answered_is_sent_once() -> None:
    answers = Answers("stored")

    assert virtual_time.run(settled(answers.send)) == "stored"
    assert answers.at == [0]


@pytest.mark.parametrize("fault", [UNKNOWN, NOT_DONE])
def test_what_is_not_answered_is_sent_again_for_six_seconds(fault: Unavailable) -> None:
    answers = Answers(fault, fault, fault, "stored")

    assert virtual_time.run(settled(answers.send)) == "stored"
    assert answers.at == [0, 1, 3, 6]


def test_nothing_is_sent_again_when_answers_take_long() -> None:
    answers = Answers(UNKNOWN, UNKNOWN, takes=6)

    with pytest.raises(Unavailable):
        virtual_time.run(settled(answers.send))

    assert answers.at == [0, 7]


def test_whoever_was_first_is_found_by_loading_again() -> None:
    answers = Answers(UNKNOWN, Conflict())

    with pytest.raises(Conflict):
        virtual_time.run(settled(answers.send))


@pytest.mark.parametrize(
    "faults",
    [(UNKNOWN, *[NOT_DONE] * 3), (*[NOT_DONE] * 3, UNKNOWN), (NOT_DONE, UNKNOWN, *[NOT_DONE] * 2)],
)
def test_an_outcome_that_is_unknown_once_stays_unknown(faults: Sequence[Unavailable]) -> None:
    with pytest.raises(Unavailable) as raised:
        virtual_time.run(settled(Answers(*faults).send))

    assert raised.value is UNKNOWN


def test_a_change_that_certainly_had_no_effect_is_reported_as_such() -> None:
    with pytest.raises(Unavailable) as raised:
        virtual_time.run(settled(Answers(*[NOT_DONE] * 4).send))

    assert raised.value is NOT_DONE


def test_what_precedes_a_change_leaves_nothing_unknown() -> None:
    with pytest.raises(Unavailable) as raised, before_the_change():
        raise Unavailable("Tables", "504", status=504, code="OperationTimedOut")

    fault = raised.value
    assert (fault.outcome_unknown, str(fault)) == (False, "Tables: 504")
    assert (fault.status, fault.code) == (504, "OperationTimedOut")


def test_nothing_is_sent_again_when_the_time_of_the_turn_is_over() -> None:
    answers = Answers(*[UNKNOWN] * 4)

    async def main() -> None:
        with answered_within(2 - RECORDING_SECONDS + 0.5):
            await settled(answers.send)

    with pytest.raises(Unavailable):
        virtual_time.run(main())

    assert answers.at == [0, 1]
