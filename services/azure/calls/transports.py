"""Transports: what each request passes on its way to the connection pool, and its answer back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from azure.core.exceptions import ServiceResponseTimeoutError
from azure.core.pipeline.transport import AioHttpTransport

from services.azure.calls.errors import was_not_carried_out
from services.azure.calls.limits import CallLimits, NotSent, dependency_of
from services.clock import AgreedClock
from services.workflow.lanes import Lane, Places, current_lane

TABLE_REQUESTS_AT_ONCE = 32
"""How many requests of the rest, such as those for reports, the table gets at the same time.

If each takes 10 ms, a process can't even make so many. Without a limit, connections pile up:
aiohttp uses them in turn, so none becomes idle, and as many stay open as were ever in use at once.
"""

_TABLE_PATIENCE = timedelta(seconds=15)
"""How long such a request waits for its place: as long as for an answer."""


@dataclass
class SentChange:
    """What became of the tries of one change of the table: the SDK makes several."""

    may_be_carried_out: bool = False
    """Whether one of them was sent, and it isn't certain that it had no effect."""


_CHANGE: ContextVar[SentChange | None] = ContextVar("change", default=None)


@contextmanager
def following_a_change() -> Iterator[SentChange]:
    """Follow what becomes of the tries of a change of the table that is sent in the block."""
    change = SentChange()
    token = _CHANGE.set(change)
    try:
        yield change
    finally:
        _CHANGE.reset(token)


class TableTransport(AioHttpTransport):  # type: ignore[misc]  # azure-core loads it lazily
    """Sends requests to the table, but only so many at once outside of moves.

    What leads to a move and records it isn't limited: nothing works without the table, least of all
    ending access.
    """

    def __init__(self, clock: AgreedClock | None, **options: Any) -> None:
        """Take the clock that is compared with what each answer says the time is, if any."""
        super().__init__(**options)
        self._clock = clock
        self._places = Places({Lane.REST: TABLE_REQUESTS_AT_ONCE})

    async def send(self, request: Any, **options: Any) -> Any:
        """Send a request; raises NotSent if it got no place in time."""
        if current_lane() is not Lane.REST:
            return await self._send(request, **options)
        if not await self._places.wait(Lane.REST, _TABLE_PATIENCE):
            cause = "request not sent: too many requests in flight"
            raise NotSent(dependency_of(request.url), cause, outcome_unknown=False)
        try:
            return await self._send(request, **options)
        finally:
            self._places.release(Lane.REST)

    async def _send(self, request: Any, **options: Any) -> Any:
        change = _CHANGE.get()
        try:
            response = await self._send_now(request, **options)
        except BaseException as error:
            if change and not (isinstance(error, Exception) and was_not_carried_out(error)):
                change.may_be_carried_out = True
            raise
        if change and response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            change.may_be_carried_out = True
        return response

    async def _send_now(self, request: Any, **options: Any) -> Any:
        if self._clock is None:
            return await super().send(request, **options)
        answered = self._clock.asking()
        response = await super().send(request, **options)
        with suppress(TypeError, ValueError):
            answered(parsedate_to_datetime(response.headers["Date"]))
        return response


class LimitedTransport(AioHttpTransport):  # type: ignore[misc]  # azure-core loads it lazily
    """Sends each request within the limits of its dependency; a retry is another request."""

    def __init__(self, limits: CallLimits, **options: Any) -> None:
        super().__init__(**options)
        self._limits = limits

    async def send(self, request: Any, **options: Any) -> Any:
        """Send a request; raises NotSent if the limits keep it from being sent."""
        arm = self._limits.arm
        limit = await arm.take(request.method, request.url) if arm else None
        try:
            async with self._limits.call(dependency_of(request.url)) as outcome:
                response = await super().send(request, **options)
                outcome.answered(response.status_code)
                if limit and response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                    limit.is_spent()
                return response
        except TimeoutError as error:
            raise ServiceResponseTimeoutError("no answer in time") from error
