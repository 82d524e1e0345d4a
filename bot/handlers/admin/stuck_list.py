"""Handle the list of what is stuck, for admins only."""

from collections.abc import Mapping

from bot.handlers.admin.overdue import OverdueHandlers
from bot.handlers.admin.rotation import RotationHandlers
from bot.handlers.clicks import ClickHandler
from bot.handlers.paging import paging, start_of
from bot.ids import is_rotation_id, is_workflow_id
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.elements import Content
from cards.operations.stuck_card import SetAside, stuck_card
from cards.operations.waiting_announcements import WaitingAnnouncements
from domain.people import Actor
from domain.refusals.records import NothingToSee
from services.access.granting.overdue import Overdue
from services.operations.stuck import Stuck
from services.people.admins import Admins
from services.rotation.rotations import Rotations
from services.workflow.due.quarantine import Quarantined

_PAGE = 10


class StuckListHandlers:
    """Handle turns about that list; refusals are raised to the caller.

    Questions are messages of their own; the list stays, as it is now.
    """

    def __init__(
        self,
        stuck: Stuck,
        overdue: Overdue,
        rotations: Rotations,
        admins: Admins,
        on_overdue: OverdueHandlers,
        on_rotation: RotationHandlers,
    ) -> None:
        self._stuck = stuck
        self._overdue = overdue
        self._rotations = rotations
        self._admins = admins
        self._on_overdue = on_overdue
        self._on_rotation = on_rotation

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.STUCK_PAGE: self.on_page,
            verbs.STUCK_TRY: self.on_try,
            verbs.STUCK_CLOSE: self.on_close,
        }

    async def show(self, turn: Turn) -> None:
        """List stuck workflows."""
        await self._admins.require(turn.actor)
        await turn.reply(await self._page(0))

    async def on_page(self, turn: Turn, click: Click) -> None:
        """Show another page, or the same one as it is now."""
        await self._admins.require(turn.actor)
        await turn.show(await self._page(start_of(click)))

    async def on_try(self, turn: Turn, click: Click) -> None:
        """Try it again now, whatever it is, and show the list."""
        await self._admins.require(turn.actor)
        start = start_of(click)
        await self._try(turn.actor, _checked(click.text(verbs.WORKFLOW)))
        await turn.show(await self._page(start, tried=True))

    async def on_close(self, turn: Turn, click: Click) -> None:
        """Show what giving it up would mean, and ask for a reason."""
        workflow_id = _checked(click.text(verbs.WORKFLOW))
        if is_rotation_id(workflow_id):
            await self._on_rotation.abandon(turn, workflow_id, None)
        else:
            await self._on_overdue.close(turn, workflow_id, "")
        await self.on_page(turn, click)

    async def _try(self, actor: Actor, workflow_id: str) -> None:
        if await self._overdue.put_back(actor, workflow_id):
            return
        if is_rotation_id(workflow_id):
            await self._rotations.retry(actor, workflow_id)
        else:
            await self._overdue.try_now(actor, workflow_id)

    async def _page(self, start: int, *, tried: bool = False) -> Content:
        found = await self._stuck.list(start, _PAGE)
        waiting = None
        if found.backlog:
            waiting = WaitingAnnouncements(found.backlog.count, found.backlog.since)
        return stuck_card(
            found.shown,
            found.more,
            [_set_aside(one) for one in found.quarantined],
            waiting,
            before=found.before,
            paging=paging(found.before, _PAGE, found.before + len(found.shown) + found.more),
            tried=tried,
        )


def _set_aside(row: Quarantined) -> SetAside:
    can_be_tried = is_workflow_id(row.workflow_id)
    return SetAside(row.workflow_id if can_be_tried else "", row.sentence)


def _checked(workflow_id: str) -> str:
    """Return the id if it could be that of something stuck; refuse anything else."""
    if not is_workflow_id(workflow_id):
        raise NothingToSee
    return workflow_id
