"""Answers that count for a while."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.people.fresh_answers import FreshAnswers
from tests.support.clock import ManualClock


class Source:
    """Doubles each number, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def __call__(self, keys: Sequence[int]) -> Mapping[int, int]:
        self.asked += keys
        return {key: 2 * key for key in keys}


async def test_no_more_answers_are_kept_than_fit() -> None:
    source = Source()
    answers: FreshAnswers[int, int] = FreshAnswers(ManualClock(), timedelta(minutes=1), 2)

    for key in (1, 2, 3, 3, 1):
        await answers.get([key], source)

    assert source.asked == [1, 2, 3, 1]


async def test_stale_answers_make_room_first() -> None:
    source, clock = Source(), ManualClock()
    answers: FreshAnswers[int, int] = FreshAnswers(clock, timedelta(minutes=1), 2)

    await answers.get([1], source)
    clock.advance(seconds=30)
    await answers.get([2], source)
    clock.advance(seconds=30)
    await answers.get([3], source)

    assert await answers.get([2, 3, 2], source) == {2: 4, 3: 6}
    assert source.asked == [1, 2, 3]


async def test_more_keys_than_are_kept_are_all_answered() -> None:
    source = Source()
    answers: FreshAnswers[int, int] = FreshAnswers(ManualClock(), timedelta(minutes=1), 2)
    await answers.get([1], source)

    assert await answers.get([1, 2, 3], source) == {1: 2, 2: 4, 3: 6}
    assert source.asked == [1, 2, 3]
