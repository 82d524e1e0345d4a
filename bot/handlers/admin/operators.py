"""Handle admins' questions about the bot's own health."""

from collections.abc import Mapping, Sequence

from bot.handlers.clicks import ClickHandler
from bot.handlers.paging import page_of, start_of
from bot.handlers.progress import ProgressMessages
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.elements import Content
from cards.operations.doctor_card import doctor_card, worst_first
from cards.operations.progress_card import Task
from domain.diagnosis import Finding
from domain.phrases import mark
from services.operations.doctor import Doctor
from services.people.admins import Admins
from services.progress import ProgressCount

_PAGE = 20
_DOCTOR = Task(mark("Doctor"), mark("Checking configuration and permissions"), "doctor")


class OperatorHandlers:
    """Handle turns about the deployment, for admins only; refusals are raised to the caller."""

    def __init__(self, doctor: Doctor, admins: Admins, progress: ProgressMessages) -> None:
        self._doctor = doctor
        self._admins = admins
        self._progress = progress

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.DOCTOR_PAGE: self.on_page,
        }

    async def examine(self, turn: Turn) -> None:
        """Check configuration and permissions, and show the result."""
        await self._admins.require(turn.actor)

        async def examine(count: ProgressCount) -> Content:
            return _page(await self._doctor.examine(count), 0)

        await self._progress.follow(turn, _DOCTOR, examine)

    async def on_page(self, turn: Turn, click: Click) -> None:
        """Check everything again, and show a page of the result."""
        await self._admins.require(turn.actor)
        start = start_of(click)

        async def examine(count: ProgressCount) -> Content:
            return _page(await self._doctor.examine(count), start)

        await self._progress.follow_click(turn, _DOCTOR, examine)


def _page(findings: Sequence[Finding], start: int) -> Content:
    shown, paging = page_of(worst_first(findings), start, _PAGE)
    return doctor_card(shown, findings, paging)
