"""Handle drills, for admins only."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.handlers.clicks import ClickHandler
from bot.handlers.questions import answered
from bot.ids import drill_id_of, is_drill_id
from bot.turn import Click, Turn
from cards.access.drill_card import drill_card, drill_plan_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.refusals.records import NothingToSee
from services.drill.drills import DrillPlans
from services.people.admins import Admins


class DrillHandlers:
    """Handle turns about drills; refusals are raised to the caller."""

    def __init__(self, drills: DrillPlans, admins: Admins, card_tracker: CardTracker) -> None:
        self._drills = drills
        self._admins = admins
        self._card_tracker = card_tracker

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.DRILL_BEGIN: self.on_begin,
            verbs.DRILL_CANCEL: self.on_cancel,
        }

    async def ask(self, turn: Turn) -> None:
        """Show what a drill would do, and ask for confirmation."""
        plan = await self._drills.plan(turn.actor, drill_id_of(turn))
        begun = await self._drills.find(plan.id)
        await turn.reply(drill_card(begun) if begun else drill_plan_card(plan))

    async def show(self, turn: Turn, drill_id: str) -> None:
        """Show a drill as it is now."""
        await turn.reply(drill_card(await self._drills.show(turn.actor, _checked(drill_id))))

    async def on_begin(self, turn: Turn, click: Click) -> None:
        """Begin the drill that the card describes; the card then follows it."""
        drill_id = _checked(click.text(verbs.DRILL))
        await self._admins.require(turn.actor)
        # Track the card first, so that the first announcement already updates it.
        await self._card_tracker.adopt_clicked(turn, drill_id)
        await turn.show(drill_card(await self._drills.start(turn.actor, drill_id)))

    async def on_cancel(self, turn: Turn, click: Click) -> None:
        """Cancel the drill; if it has begun, show it instead."""
        drill_id = _checked(click.text(verbs.DRILL))
        if await self._drills.cancel(turn.actor, drill_id):
            await answered(turn, _cancelled)
            return
        await turn.show(drill_card(await self._drills.show(turn.actor, drill_id)))


def _cancelled() -> Content:
    return notice(say("Cancelled. This drill wasn't begun."), Tone.QUIET)


def _checked(drill_id: str) -> str:
    """Return the ID if it could be a drill's; refuse anything else as unknown."""
    if not is_drill_id(drill_id):
        raise NothingToSee
    return drill_id
