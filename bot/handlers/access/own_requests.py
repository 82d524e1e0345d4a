"""Handle the buttons of the requester's own card: remind, cancel."""

from collections.abc import Mapping

from bot.delivery.request_view import request_view
from bot.handlers.access.endings import checked
from bot.handlers.access.outdated import OutdatedCards
from bot.handlers.clicks import ClickHandler
from bot.turn import Click, Turn
from cards.kit import verbs
from services.access.endings import Endings
from services.access.reminders import Reminders
from services.clock import Clock


class OwnRequestHandlers:
    """Handle clicks of requesters on their own cards; refusals are raised to the caller."""

    def __init__(
        self, reminders: Reminders, endings: Endings, outdated: OutdatedCards, clock: Clock
    ) -> None:
        self._reminders = reminders
        self._endings = endings
        self._outdated = outdated
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.REMIND: self.on_remind,
            verbs.WITHDRAW: self.on_withdraw,
        }

    async def on_remind(self, turn: Turn, click: Click) -> None:
        """Remind the approvers now."""
        request_id = checked(click.text(verbs.REQUEST))
        async with self._outdated.replaced(turn, request_id):
            request = await self._reminders.remind(turn.actor, request_id, click.text(verbs.SINCE))
        await turn.show(request_view(turn, request, self._clock()))

    async def on_withdraw(self, turn: Turn, click: Click) -> None:
        """Cancel a request that hasn't started."""
        request_id = checked(click.text(verbs.REQUEST))
        async with self._outdated.replaced(turn, request_id):
            request = await self._endings.cancel(turn.actor, request_id)
        await turn.show(request_view(turn, request, self._clock()))
