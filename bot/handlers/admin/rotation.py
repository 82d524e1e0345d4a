"""Handle rotations for admins: plan, rotate, approve, retry, abandon, list."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.handlers.clicks import ClickHandler
from bot.handlers.questions import answered
from bot.ids import is_rotation_id, rotation_id_of
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.rotation.abandon_card import abandon_card
from cards.rotation.plan_card import plan_card
from cards.rotation.rotation_card import rotation_card
from domain.people import Actor
from domain.refusals.rotations import UnknownRotation
from domain.rotation.rotation import Cause, Rotation, RotationState, Trigger
from services.faults import Conflict
from services.people.admins import Admins
from services.rotation.abandon import Abandonments
from services.rotation.confirmation import Confirmation
from services.rotation.planner import Planner
from services.rotation.rotations import Rotations
from services.workflow.plan_answers import PlanAnswers


class RotationHandlers:
    """Handle turns about rotations, for admins only; refusals are raised to the caller."""

    def __init__(
        self,
        rotations: Rotations,
        planner: Planner,
        abandonments: Abandonments,
        admins: Admins,
        card_tracker: CardTracker,
        answers: PlanAnswers,
    ) -> None:
        self._rotations = rotations
        self._planner = planner
        self._abandonments = abandonments
        self._admins = admins
        self._card_tracker = card_tracker
        self._answers = answers

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.ROTATION_CONFIRM: self.on_confirm,
            verbs.ROTATION_CANCEL: self.on_cancel,
            verbs.ROTATION_APPROVE: self.on_approve,
            verbs.ROTATION_DENY: self.on_deny,
            verbs.ROTATION_RETRY: self.on_retry,
            verbs.ROTATION_ABANDON: self.on_abandon,
            verbs.ROTATION_KEEP: self.on_keep,
        }

    async def plan(self, turn: Turn, secret: str) -> None:
        """Show what a rotation would do."""
        actor = await self._admin(turn)
        rotation_id = rotation_id_of(turn)
        plan = await self._planner.plan(secret, _asked_by(actor), rotation_id)
        await turn.reply(plan_card(plan, confirm=None))

    async def rotate(self, turn: Turn, secret: str) -> None:
        """Show what a rotation would do, and ask for confirmation."""
        actor = await self._admin(turn)
        rotation_id = rotation_id_of(turn)
        if existing := await self._rotations.find(rotation_id):
            await turn.reply(rotation_card(existing, buttons=False))
            return
        plan = await self._planner.plan(secret, _asked_by(actor), rotation_id)
        await turn.reply(plan_card(plan, confirm=rotation_id))

    async def answer(self, turn: Turn, rotation_id: str, note: str, *, approves: bool) -> None:
        """Approve or deny a rotation as the second admin, by text."""
        actor = await self._admin(turn)
        decide = self._rotations.approve if approves else self._rotations.deny
        rotation = await decide(actor, checked(rotation_id), note)
        await turn.reply(rotation_card(rotation, buttons=False))

    async def retry(self, turn: Turn, rotation_id: str) -> None:
        """Resume a rotation that needs a human."""
        actor = await self._admin(turn)
        rotation = await self._rotations.retry(actor, checked(rotation_id))
        await turn.reply(rotation_card(rotation, buttons=False))

    async def abandon(self, turn: Turn, rotation_id: str, reason: str | None) -> None:
        """Show what abandoning a rotation would leave behind, and ask for confirmation.

        ``reason`` is None where the card is to ask for it.
        """
        await self._admin(turn)
        rotation, left = await self._abandonments.look(checked(rotation_id), reason)
        await turn.reply(abandon_card(rotation, left, reason or ""))

    async def on_confirm(self, turn: Turn, click: Click) -> None:
        """Start the rotation that a plan shows."""
        actor, rotation_id = await self._clicked(turn, click)
        rotation = await self._begin(turn, click, actor, rotation_id)
        await turn.show(rotation_card(rotation, buttons=False))

    async def on_cancel(self, turn: Turn, click: Click) -> None:
        """Cancel the plan; if the rotation has already started, show it instead."""
        actor, rotation_id = await self._clicked(turn, click)
        begun = await self._rotations.find(rotation_id)
        if begun is None and await self._answers.cancel(actor, rotation_id):
            await answered(turn, _cancelled)
            return
        begun = begun or await self._rotations.find(rotation_id)
        if begun is None:
            raise UnknownRotation
        await turn.show(rotation_card(begun, buttons=False))
        await self._card_tracker.adopt_clicked(turn, rotation_id)

    async def on_approve(self, turn: Turn, click: Click) -> None:
        """Approve a rotation as the second admin."""
        rotation = await self._rotations.approve(*await self._clicked(turn, click))
        await turn.show(rotation_card(rotation, buttons=False))

    async def on_deny(self, turn: Turn, click: Click) -> None:
        """Deny a rotation as the second admin."""
        rotation = await self._rotations.deny(*await self._clicked(turn, click))
        await turn.show(rotation_card(rotation, buttons=False))

    async def on_retry(self, turn: Turn, click: Click) -> None:
        """Resume a rotation that needs a human."""
        rotation = await self._rotations.retry(*await self._clicked(turn, click))
        await turn.show(rotation_card(rotation, buttons=False))

    async def on_abandon(self, turn: Turn, click: Click) -> None:
        """Abandon a rotation, for the entered reason."""
        actor, rotation_id = await self._clicked(turn, click)
        reason = click.text(verbs.REASON)
        rotation = await self._abandonments.abandon(actor, rotation_id, reason)
        await answered(turn, lambda: rotation_card(rotation, buttons=False))

    async def on_keep(self, turn: Turn, click: Click) -> None:
        """Leave a rotation as it is; if it went on in the meantime, show it instead."""
        _, rotation_id = await self._clicked(turn, click)
        rotation = await self._rotations.find(rotation_id)
        if rotation is None:
            raise UnknownRotation
        if rotation.state is RotationState.NEEDS_HUMAN:
            await answered(turn, _kept)
        else:
            await turn.show(rotation_card(rotation, buttons=False))

    async def _clicked(self, turn: Turn, click: Click) -> tuple[Actor, str]:
        """Return the admin who clicked, and the ID of the rotation on the card."""
        return await self._admin(turn), checked(click.text(verbs.ROTATION))

    async def _begin(self, turn: Turn, click: Click, actor: Actor, rotation_id: str) -> Rotation:
        started = await self._answers.confirm(actor, rotation_id)
        await self._card_tracker.adopt_clicked(turn, rotation_id)
        confirmed = Confirmation(turn.conversation.id, click.text(verbs.RULES), started)
        secret = click.text(verbs.SECRET)
        try:
            return await self._rotations.start(secret, _asked_by(actor), rotation_id, confirmed)
        except Conflict:
            # The plan was cancelled while the rotation was starting: this says by whom.
            await self._answers.confirm(actor, rotation_id)
            raise

    async def _admin(self, turn: Turn) -> Actor:
        actor = turn.actor
        await self._admins.require(actor)
        return actor


def _cancelled() -> Content:
    return notice(say("Cancelled. This rotation wasn't started."), Tone.QUIET)


def _kept() -> Content:
    return notice(say("I left it as it was."), Tone.QUIET)


def _asked_by(actor: Actor) -> Trigger:
    return Trigger(Cause.ASKED, actor)


def checked(rotation_id: str) -> str:
    if not is_rotation_id(rotation_id):
        raise UnknownRotation
    return rotation_id
