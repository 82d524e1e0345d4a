"""Handle admins' questions about the bot itself: its health, and stuck workflows."""

from bot.handlers.progress import ProgressMessages
from bot.turn import Turn
from cards.kit.elements import Content
from cards.operations.doctor_card import doctor_card
from cards.operations.progress_card import Task
from cards.operations.stuck_card import stuck_card
from cards.operations.waiting_announcements import WaitingAnnouncements
from services.operations.doctor import Doctor
from services.operations.stuck import Stuck
from services.people.admins import Admins
from services.progress import ProgressCount

_DOCTOR = Task("Doctor", "Checking configuration and permissions", "doctor")


class OperatorHandlers:
    """Handle turns about the deployment, for admins only; refusals are raised to the caller."""

    def __init__(
        self, doctor: Doctor, stuck: Stuck, admins: Admins, progress: ProgressMessages
    ) -> None:
        self._doctor = doctor
        self._progress = progress
        self._stuck = stuck
        self._admins = admins

    async def examine(self, turn: Turn) -> None:
        """Check configuration and permissions, and show the result."""
        await self._admins.require(turn.actor)

        async def examine(count: ProgressCount) -> Content:
            return doctor_card(await self._doctor.examine(count))

        await self._progress.follow(turn, _DOCTOR, examine)

    async def list_stuck(self, turn: Turn) -> None:
        """List stuck workflows."""
        await self._admins.require(turn.actor)
        found = await self._stuck.list()
        waiting = None
        if found.backlog:
            waiting = WaitingAnnouncements(found.backlog.count, found.backlog.since)
        await turn.reply(stuck_card(found.shown, found.more, found.quarantined, waiting))
