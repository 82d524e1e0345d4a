"""Handle rotations for admins: plan, rotate, approve, retry, abandon, list."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.handlers.clicks import ClickHandler
from bot.ids import is_rotation_id, rotation_id_of
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.notice import notice
from cards.kit.reason_input import LONGEST_REASON
from cards.kit.tone import Tone
from cards.rotation.abandon_card import abandon_card
from cards.rotation.plan_card import plan_card
from cards.rotation.rotation_card import rotation_card
from cards.rotation.rotations_card import RotationRow, rotations_card
from domain.people import Actor
from domain.refusals import UnknownRotation
from domain.rotation.rotation import Cause, Rotation, Trigger
from services.people.admins import Admins
from services.rotation.abandon import Abandonments
from services.rotation.overview import Overview
from services.rotation.plan_answers import PlanAnswers
from services.rotation.planner import Planner
from services.rotation.rotations import Rotations


class RotationHandlers:
    """Handle turns about rotations, for admins only; refusals are raised to the caller."""

    def __init__(
        self,
        rotations: Rotations,
        planner: Planner,
        overview: Overview,
        abandonments: Abandonments,
        admins: Admins,
        card_tracker: CardTracker,
        answers: PlanAnswers,
    ) -> None:
        self._rotations = rotations
        self._planner = planner
        self._overview = overview
        self._abandonments = abandonments
        self._admins = admins
        self._card_tracker = card_tracker
        self._answers = answers

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.ROTATION_CONFIRM: self.on_click,
            verbs.ROTATION_CANCEL: self.on_click,
            verbs.ROTATION_APPROVE: self.on_click,
            verbs.ROTATION_DENY: self.on_click,
            verbs.ROTATION_RETRY: self.on_click,
            verbs.ROTATION_ABANDON: self.on_click,
            verbs.ROTATION_KEEP: self.on_click,
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

    async def list_rotations(self, turn: Turn) -> None:
        """List every rotated secret with its last and next run."""
        await self._admin(turn)
        rows = [
            RotationRow(
                secret=line.secret,
                vault_name=line.vault_name,
                last_run=line.last.asked_at if line.last else None,
                outcome=line.last.state if line.last else None,
                rotation_id=line.last.id if line.last else "",
                next_run=line.next_run,
                current_age=line.current_age,
                unwatched=line.unwatched,
            )
            for line in await self._overview.lines()
        ]
        await turn.reply(rotations_card(rows))

    async def answer(self, turn: Turn, rotation_id: str, note: str, *, approves: bool) -> None:
        """Approve or deny a rotation as the second admin, by text."""
        actor, note = await self._admin(turn), note.strip()[:LONGEST_REASON]
        decide = self._rotations.approve if approves else self._rotations.deny
        rotation = await decide(actor, _checked(rotation_id), note)
        await turn.reply(rotation_card(rotation, buttons=False))

    async def retry(self, turn: Turn, rotation_id: str) -> None:
        """Resume a rotation that needs a human."""
        actor = await self._admin(turn)
        rotation = await self._rotations.retry(actor, _checked(rotation_id))
        await turn.reply(rotation_card(rotation, buttons=False))

    async def abandon(self, turn: Turn, rotation_id: str, reason: str) -> None:
        """Show what abandoning a rotation would leave behind, and ask for confirmation."""
        await self._admin(turn)
        rotation, left = await self._abandonments.look(_checked(rotation_id), reason)
        await turn.reply(abandon_card(rotation, left, reason))

    async def on_click(self, turn: Turn, click: Click) -> None:
        """Handle a click on a rotation card."""
        actor = await self._admin(turn)
        rotation_id = _checked(click.text(verbs.ROTATION))
        match click.verb:
            case verbs.ROTATION_CONFIRM:
                rotation = await self._begin(turn, actor, click.text(verbs.SECRET), rotation_id)
            case verbs.ROTATION_APPROVE:
                rotation = await self._rotations.approve(actor, rotation_id)
            case verbs.ROTATION_DENY:
                rotation = await self._rotations.deny(actor, rotation_id)
            case verbs.ROTATION_RETRY:
                rotation = await self._rotations.retry(actor, rotation_id)
            case verbs.ROTATION_ABANDON:
                reason = click.text(verbs.REASON)
                rotation = await self._abandonments.abandon(actor, rotation_id, reason)
            case verbs.ROTATION_KEEP:
                await turn.show(notice("Nothing was changed.", Tone.QUIET))
                return
            case _:
                await self._cancel(turn, actor, rotation_id)
                return
        await turn.show(rotation_card(rotation, buttons=False))

    async def _cancel(self, turn: Turn, actor: Actor, rotation_id: str) -> None:
        """Cancel the plan; if the rotation has already started, show it instead."""
        if begun := await self._rotations.find(rotation_id):
            await turn.show(rotation_card(begun, buttons=False))
            await self._card_tracker.adopt_clicked(turn, rotation_id)
            return
        await self._answers.cancel(actor, rotation_id)
        cancelled = notice("Cancelled. Nothing was rotated.", Tone.QUIET)
        await turn.show(cancelled)
        await turn.update_clicked(cancelled)

    async def _begin(self, turn: Turn, actor: Actor, secret: str, rotation_id: str) -> Rotation:
        await self._answers.confirm(actor, rotation_id)
        await self._card_tracker.adopt_clicked(turn, rotation_id)
        asked_in = turn.conversation.id
        return await self._rotations.start(secret, _asked_by(actor), rotation_id, asked_in)

    async def _admin(self, turn: Turn) -> Actor:
        actor = turn.actor
        await self._admins.require(actor)
        return actor


def _asked_by(actor: Actor) -> Trigger:
    return Trigger(Cause.ASKED, actor)


def _checked(rotation_id: str) -> str:
    if not is_rotation_id(rotation_id):
        raise UnknownRotation
    return rotation_id
