"""Handle admins' questions about the bot itself: its health, and stuck workflows."""

from botbuilder.core import TurnContext

from bot.delivery.answers import reply_card
from bot.transport.activity_facts import actor_of
from cards.operations.doctor_card import doctor_card
from cards.operations.stuck_card import stuck_card
from cards.operations.waiting_announcements import WaitingAnnouncements
from services.operations.doctor import Doctor
from services.operations.stuck import Stuck
from services.people.admins import Admins


class OperatorHandlers:
    """Handle turns about the deployment, for admins only; refusals are raised to the caller."""

    def __init__(self, doctor: Doctor, stuck: Stuck, admins: Admins) -> None:
        self._doctor = doctor
        self._stuck = stuck
        self._admins = admins

    async def examine(self, context: TurnContext) -> None:
        """Check configuration and permissions, and show the result."""
        await self._admins.require(actor_of(context.activity))
        await reply_card(context, doctor_card(await self._doctor.examine()))

    async def list_stuck(self, context: TurnContext) -> None:
        """List stuck workflows."""
        await self._admins.require(actor_of(context.activity))
        found = await self._stuck.list()
        waiting = None
        if found.backlog:
            waiting = WaitingAnnouncements(found.backlog.count, found.backlog.since)
        await reply_card(context, stuck_card(found.shown, found.more, found.quarantined, waiting))
