"""Answers of an outside service that count for a while, and are shared by all who ask."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from services.clock import Clock

REMEMBERED = 10_000
"""How many answers are kept at the most."""

KeyT = TypeVar("KeyT", bound=Hashable)
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class _Question(Generic[KeyT, AnswerT]):
    """A question, answered or not, that some keys share."""

    at: datetime
    answer: asyncio.Task[Mapping[KeyT, AnswerT]]


class FreshAnswers(Generic[KeyT, AnswerT]):
    """Answers by key, each for a limited time from when it was asked for.

    Those who ask for the same key meanwhile wait for the same answer. If one of them is cancelled,
    the others still get it. A failure isn't kept: the next one to ask asks again.
    """

    def __init__(self, clock: Clock, fresh: timedelta, remembered: int = REMEMBERED) -> None:
        self._clock = clock
        self._fresh = fresh
        self._remembered = remembered
        self._asked: dict[KeyT, _Question[KeyT, AnswerT]] = {}

    async def get(
        self,
        keys: Sequence[KeyT],
        ask: Callable[[Sequence[KeyT]], Awaitable[Mapping[KeyT, AnswerT]]],
    ) -> dict[KeyT, AnswerT]:
        """Return the answers for these keys; ``ask`` is called once, for those that are missing.

        Raises what ``ask`` raises.
        """
        now = self._clock()
        known = {key: self._asked[key] for key in keys if self._is_fresh(key, now)}
        if missing := list(dict.fromkeys(key for key in keys if key not in known)):
            asked = _Question(now, asyncio.create_task(_answer(ask, missing)))
            asked.answer.add_done_callback(lambda _: self._forget_failure(asked))
            self._make_room(len(missing), now)
            self._asked.update(dict.fromkeys(missing, asked))
            known.update(dict.fromkeys(missing, asked))
        return {key: (await asyncio.shield(one.answer))[key] for key, one in known.items()}

    def known(self, key: KeyT) -> AnswerT | None:
        """Return the answer for a key if it is there already, without asking or waiting."""
        answer = self._asked[key].answer if self._is_fresh(key, self._clock()) else None
        if answer is None or not answer.done() or answer.cancelled() or answer.exception():
            return None
        return answer.result()[key]

    def _is_fresh(self, key: KeyT, now: datetime) -> bool:
        asked = self._asked.get(key)
        # A clock that is set back must not make an answer last longer.
        return asked is not None and timedelta() <= now - asked.at < self._fresh

    def _make_room(self, count: int, now: datetime) -> None:
        if len(self._asked) + count <= self._remembered:
            return
        self._asked = {key: one for key, one in self._asked.items() if self._is_fresh(key, now)}
        if len(self._asked) + count > self._remembered:
            self._asked.clear()

    def _forget_failure(self, asked: _Question[KeyT, AnswerT]) -> None:
        if asked.answer.cancelled() or asked.answer.exception() is not None:
            self._asked = {key: one for key, one in self._asked.items() if one is not asked}


async def _answer(
    ask: Callable[[Sequence[KeyT]], Awaitable[Mapping[KeyT, AnswerT]]], keys: Sequence[KeyT]
) -> Mapping[KeyT, AnswerT]:
    return await ask(keys)
