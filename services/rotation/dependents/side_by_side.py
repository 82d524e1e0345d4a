"""Asks about several dependents at the same time, so that many take as long as one."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from services.faults import Fault

ResultT = TypeVar("ResultT")


async def side_by_side(doing: Iterable[Awaitable[ResultT]]) -> list[ResultT]:
    """Await all; every one finishes before the first failure, in their order, is raised."""
    return without_faults(await answers_of(doing))


async def answers_of(doing: Iterable[Awaitable[ResultT]]) -> list[ResultT | Fault]:
    """Await all, and return each result or fault."""
    answers = await asyncio.gather(*doing, return_exceptions=True)
    return [_known(answer) for answer in answers]


def without_faults(answers: Iterable[ResultT | Fault]) -> list[ResultT]:
    """Return the results; raises the first fault."""
    return [_required(answer) for answer in answers]


def _known(answer: ResultT | BaseException) -> ResultT | Fault:
    if isinstance(answer, BaseException) and not isinstance(answer, Fault):
        raise answer
    return answer


def _required(answer: ResultT | Fault) -> ResultT:
    if isinstance(answer, Fault):
        raise answer
    return answer
