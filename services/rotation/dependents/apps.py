"""The apps that a rotation's dependents are in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation
from services.faults import Rejected

ResultT = TypeVar("ResultT")


async def each_app(
    rotation: Rotation, do: Callable[[AppSlot, list[Captured]], Awaitable[ResultT]]
) -> list[ResultT]:
    """Do something at each app with its dependents, at all of them at once.

    All of them are brought to their end before the first failure counts.
    """
    by_app: dict[AppSlot, list[Captured]] = {}
    for one in rotation.captured:
        by_app.setdefault(one.dependent.app, []).append(one)
    results = await asyncio.gather(
        *(do(app, captured) for app, captured in by_app.items()), return_exceptions=True
    )
    done: list[ResultT] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done


def require_insistence(rotation: Rotation, app: AppSlot) -> None:
    """Have a human say what an app's end means: it may have been moved, with the new value."""
    if not rotation.is_insisted_on:
        raise Rejected(str(app), Reason("app_gone"))
