"""Handle access that should have been revoked."""

from collections.abc import Mapping

from bot.handlers.clicks import ClickHandler
from bot.handlers.questions import answered
from bot.ids import is_drill_id, is_orphan_id, is_request_id, is_workflow_id
from bot.turn import Click, Turn
from cards.access.close_card import close_card
from cards.access.overdue_card import overdue_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.refusals.records import NothingToSee
from services.access.granting.overdue import Overdue


class OverdueHandlers:
    """Handle turns about overdue access; refusals are raised to the caller."""

    def __init__(self, overdue: Overdue) -> None:
        self._overdue = overdue

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.CLOSE: self.on_close,
            verbs.KEEP_TRYING: self.on_keep_trying,
        }

    async def is_overdue(self, workflow_id: str) -> bool:
        """Return whether an id belongs to access that should have been revoked."""
        return await self._overdue.is_overdue(_checked(workflow_id))

    async def put_back(self, turn: Turn, workflow_id: str) -> bool:
        """Retry a workflow's quarantined work; return False if there was none."""
        if not is_workflow_id(workflow_id):
            return False
        if not await self._overdue.put_back(turn.actor, workflow_id):
            return False
        said = say(
            "Retrying {workflow} now. If this version can't handle it, it will be set aside again "
            "in a few minutes.",
            workflow=workflow_id,
        )
        await turn.reply(notice(said, Tone.QUIET))
        return True

    async def retry(self, turn: Turn, workflow_id: str) -> None:
        """Retry the revocation now."""
        found = await self._overdue.try_now(turn.actor, _checked(workflow_id))
        await turn.reply(overdue_card(found, say("Trying to remove it now")))

    async def close(self, turn: Turn, workflow_id: str, reason: str) -> None:
        """Show what closing it would mean, and ask for confirmation."""
        actor = turn.actor
        found = await self._overdue.find_closable(actor, _checked(workflow_id), reason)
        await turn.reply(close_card(found, reason))

    async def on_close(self, turn: Turn, click: Click) -> None:
        """Stop trying to remove access, for the entered reason."""
        workflow_id, reason = _checked(click.text(verbs.REQUEST)), click.text(verbs.REASON)
        found = await self._overdue.close(turn.actor, workflow_id, reason)
        await answered(
            turn,
            lambda: overdue_card(found, say("Closed by an admin: removal not confirmed")),
        )

    async def on_keep_trying(self, turn: Turn, click: Click) -> None:
        """Change nothing; raises NothingOverdue if nothing is tried any more."""
        await self._overdue.find_closable(turn.actor, _checked(click.text(verbs.REQUEST)))
        await answered(turn, _kept)


def _kept() -> Content:
    return notice(say("I left it as it was."), Tone.QUIET)


def _checked(workflow_id: str) -> str:
    """Return the id if it could be a request's, an orphan's or a drill's; refuse anything else."""
    for is_one in (is_request_id, is_orphan_id, is_drill_id):
        if is_one(workflow_id):
            return workflow_id
    raise NothingToSee
