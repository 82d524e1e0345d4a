"""The apps that contain a rotation's dependents."""

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
    """Call ``do`` for each app with its dependents, for all apps concurrently.

    Every call finishes before the first failure is raised.
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
    """Stop at a missing app until a human insists: it may have moved, along with the new value."""
    if not rotation.is_insisted_on:
        raise Rejected(str(app), Reason("app_gone"))
