"""What admins ask about the bot itself: whether it is well, and what will not end."""

from bot.turn import Turn
from cards.operations.doctor_card import doctor_card
from cards.operations.stuck_card import stuck_card
from cards.operations.waiting_announcements import WaitingAnnouncements
from services.operations.doctor import Doctor
from services.operations.stuck import Stuck
from services.people.admins import Admins


class OperatorHandlers:
    """Turns about the deployment, for admins alone; refusals are raised as they are."""

    def __init__(self, doctor: Doctor, stuck: Stuck, admins: Admins) -> None:
        self._doctor = doctor
        self._stuck = stuck
        self._admins = admins

    async def examine(self, turn: Turn) -> None:
        """Show whether everything is configured and permitted."""
        await self._admins.require(turn.actor)
        await turn.reply(doctor_card(await self._doctor.examine()))

    async def list_stuck(self, turn: Turn) -> None:
        """Show what will not end."""
        await self._admins.require(turn.actor)
        found = await self._stuck.list()
        waiting = None
        if found.backlog:
            waiting = WaitingAnnouncements(found.backlog.count, found.backlog.since)
        await turn.reply(stuck_card(found.shown, found.more, found.quarantined, waiting))
