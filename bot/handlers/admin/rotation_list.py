"""Handle the list of rotated secrets, for admins only."""

from collections.abc import Mapping

from bot.handlers.admin.rotation import RotationHandlers, checked
from bot.handlers.clicks import ClickHandler
from bot.handlers.paging import page_of, start_of
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.elements import Content
from cards.rotation.rotations_card import RotationRow, by_urgency, rotations_card
from domain.refusals.secrets import NotASecretName
from domain.rotation.rotation import RotationState
from domain.secrets import is_secret_name
from services.people.admins import Admins
from services.rotation.overview import Overview, RotationLine
from services.rotation.rotations import Rotations

_PAGE = 10


class RotationListHandlers:
    """Handle turns about that list; refusals are raised to the caller.

    Plans and questions are messages of their own, since a confirmed plan becomes the rotation's
    card; the list stays, as it is now.
    """

    def __init__(
        self, handlers: RotationHandlers, rotations: Rotations, overview: Overview, admins: Admins
    ) -> None:
        self._handlers = handlers
        self._rotations = rotations
        self._overview = overview
        self._admins = admins

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.ROTATIONS_PAGE: self.on_page,
            verbs.ROTATIONS_PLAN: self.on_plan,
            verbs.ROTATIONS_ROTATE: self.on_rotate,
            verbs.ROTATIONS_RETRY: self.on_retry,
            verbs.ROTATIONS_ABANDON: self.on_abandon,
        }

    async def show(self, turn: Turn) -> None:
        """List every rotated secret with its last and next run."""
        await self._admins.require(turn.actor)
        await turn.reply(await self._page(0))

    async def on_page(self, turn: Turn, click: Click) -> None:
        """Show another page, or the same one as it is now."""
        await self._admins.require(turn.actor)
        await turn.show(await self._page(start_of(click)))

    async def on_plan(self, turn: Turn, click: Click) -> None:
        """Show what rotating a secret would do."""
        await self._handlers.plan(turn, _secret_of(click))
        await self.on_page(turn, click)

    async def on_rotate(self, turn: Turn, click: Click) -> None:
        """Show what rotating a secret would do, and ask for confirmation."""
        await self._handlers.rotate(turn, _secret_of(click))
        await self.on_page(turn, click)

    async def on_retry(self, turn: Turn, click: Click) -> None:
        """Resume a rotation that needs a human."""
        await self._admins.require(turn.actor)
        await self._rotations.retry(turn.actor, checked(click.text(verbs.ROTATION)))
        await self.on_page(turn, click)

    async def on_abandon(self, turn: Turn, click: Click) -> None:
        """Show what abandoning a rotation would leave behind, and ask for a reason."""
        await self._handlers.abandon(turn, click.text(verbs.ROTATION), None)
        await self.on_page(turn, click)

    async def _page(self, start: int) -> Content:
        rows = by_urgency([_row(line) for line in await self._overview.lines()])
        shown, paging = page_of(rows, start, _PAGE)
        helpless = [row for row in rows if row.outcome is RotationState.NEEDS_HUMAN]
        secrets = {(row.secret, row.vault_name) for row in helpless}
        return rotations_card(shown, len(rows), len(secrets), paging)


def _row(line: RotationLine) -> RotationRow:
    return RotationRow(
        secret=line.secret,
        vault_name=line.vault_name,
        last_run=line.last.asked_at if line.last else None,
        outcome=line.last.state if line.last else None,
        rotation_id=line.last.id if line.last else "",
        next_run=line.next_run,
        current_age=line.current_age,
        unwatched=line.unwatched,
        is_due=line.is_due,
        is_only_run=line.is_only_run,
        is_under_way=bool(line.last and not line.last.is_over),
    )


def _secret_of(click: Click) -> str:
    secret = click.text(verbs.SECRET)
    if not is_secret_name(secret):
        raise NotASecretName
    return secret
