"""Clicks on cards that aren't updated, as what has happened since was told in another message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.delivery.request_view import request_view
from bot.turn import Turn
from domain.refusals.decisions import NoLongerPending
from domain.refusals.endings import AlreadyEnded, NoAccessToEnd, TooLateToCancel, WindowOver
from domain.refusals.extensions import NothingToExtend, TooLateToExtend
from services.access.endings import Endings
from services.clock import Clock

_OUT_OF_DATE = (
    AlreadyEnded,
    NoAccessToEnd,
    NoLongerPending,
    NothingToExtend,
    TooLateToCancel,
    TooLateToExtend,
    WindowOver,
)


class OutdatedCards:
    """Puts the present card in place of one whose button came too late."""

    def __init__(self, endings: Endings, clock: Clock) -> None:
        self._endings = endings
        self._clock = clock

    @asynccontextmanager
    async def replaced(self, turn: Turn, request_id: str) -> AsyncIterator[None]:
        """Let the refusal answer the click, and show the present card if it's out of date."""
        try:
            yield
        except _OUT_OF_DATE:
            request = await self._endings.find_visible(turn.actor, request_id)
            await turn.update_clicked(lambda: request_view(turn, request, self._clock()))
            raise
