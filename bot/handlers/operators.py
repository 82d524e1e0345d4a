"""Handle admins' questions about the bot's own health."""

from collections.abc import Mapping, Sequence

from bot.handlers.clicks import ClickHandler
from bot.handlers.paging import page_of, start_of
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.elements import Content
from cards.operations.doctor_card import doctor_card, worst_first
from domain.diagnosis import Finding
from services.operations.doctor import Doctor
from services.people.admins import Admins

_PAGE = 20


class OperatorHandlers:
    """Handle turns about the deployment, for admins only; refusals are raised to the caller."""

    def __init__(self, doctor: Doctor, admins: Admins) -> None:
        self._doctor = doctor
        self._admins = admins

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.DOCTOR_PAGE: self.on_page,
        }

    async def examine(self, turn: Turn) -> None:
        """Check configuration and permissions, and show the result."""
        await self._admins.require(turn.actor)
        await turn.reply(_page(await self._doctor.examine(), 0))

    async def on_page(self, turn: Turn, click: Click) -> None:
        """Check everything again, and show a page of the result."""
        await self._admins.require(turn.actor)
        start = start_of(click)
        await turn.show(_page(await self._doctor.examine(), start))


def _page(findings: Sequence[Finding], start: int) -> Content:
    shown, paging = page_of(worst_first(findings), start, _PAGE)
    return doctor_card(shown, findings, paging)
