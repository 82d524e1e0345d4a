"""The apps that contain a rotation's dependents."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation
from services.faults import Fault, Rejected
from services.rotation.fault_reasons import reason_of
from services.rotation.insistence import raise_unless_insisted_on
from services.rotation.step import notes

_APP_GONE = Reason("app_gone")

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
    if failures := [result for result in results if isinstance(result, BaseException)]:
        raise _as_one(failures)
    return [result for result in results if not isinstance(result, BaseException)]


def _as_one(failures: Sequence[BaseException]) -> BaseException:
    """Return the first failure; if every app is gone, all of them, so that one retry is enough."""
    gone = [reason_of(one) for one in failures if isinstance(one, Fault) and _is_gone(one)]
    if len(gone) < len(failures):
        return failures[0]
    return Rejected(str(gone[0].params["subject"]), notes(gone) or _APP_GONE)


def _is_gone(fault: Fault) -> bool:
    return fault.reason is not None and fault.reason.code == _APP_GONE.code


def require_insistence(rotation: Rotation, app: AppSlot) -> None:
    """Stop at a missing app until a human insists: it may have moved, along with the new value."""
    raise_unless_insisted_on(rotation, Rejected(str(app), _APP_GONE))
