"""What admins ask about the bot itself: whether it is well, and what will not end."""

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
    """Turns about the deployment, for admins alone; refusals are raised as they are."""

    def __init__(self, doctor: Doctor, stuck: Stuck, admins: Admins) -> None:
        self._doctor = doctor
        self._stuck = stuck
        self._admins = admins

    async def examine(self, context: TurnContext) -> None:
        """Show whether everything is configured and permitted."""
        await self._admins.require(actor_of(context.activity))
        await reply_card(context, doctor_card(await self._doctor.examine()))

    async def list_stuck(self, context: TurnContext) -> None:
        """Show what will not end."""
        await self._admins.require(actor_of(context.activity))
        found = await self._stuck.list()
        waiting = None
        if found.backlog:
            waiting = WaitingAnnouncements(found.backlog.count, found.backlog.since)
        await reply_card(context, stuck_card(found.shown, found.more, found.quarantined, waiting))
