"""Handle listings: one workflow, and the requests waiting for a person's decision."""

from collections.abc import Mapping

from bot.delivery.card_tracker import CardTracker
from bot.delivery.refresh import kept_current
from bot.delivery.request_view import request_view
from bot.handlers.clicks import ClickHandler
from bot.ids import is_request_id, is_rotation_id
from bot.turn import Click, Turn
from cards.access.approvals_card import approvals_card
from cards.access.request_card import request_card
from cards.access.review_card import review_card
from cards.access.window_card import approver_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.kit.listing import Paging
from cards.rotation.rotation_card import rotation_card
from domain.access.announcements import copy_key
from domain.access.extension import Extension
from domain.access.request import AccessEvent, Request
from domain.access.rights import is_requester
from domain.access.transitions.break_glass import awaits_review
from domain.people import Actor
from domain.refusals.records import NothingToSee
from domain.rotation.rotation import Rotation, RotationState
from domain.workflow import Event, Fact
from services.access.listings import Listing, Listings
from services.clock import Clock

_PAGE = 5


class ListingHandlers:
    """Handle turns that list things; refusals are raised to the caller."""

    def __init__(self, listings: Listings, card_tracker: CardTracker, clock: Clock) -> None:
        self._listings = listings
        self._card_tracker = card_tracker
        self._clock = clock

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.APPROVALS_PAGE: self.on_approvals_page,
        }

    async def status(self, turn: Turn, workflow_id: str) -> None:
        """Show a workflow's current state; with buttons in the chat of who can use them only."""
        if not is_request_id(workflow_id) and not is_rotation_id(workflow_id):
            raise NothingToSee
        buttons = turn.conversation.is_personal
        found = await self._listings.find(turn.actor, workflow_id)
        if isinstance(found, Request):
            buttons = buttons and _may_decide(found, turn.actor)
            await self._show(turn, found, buttons=buttons)
        else:
            buttons = buttons and _may_answer(found, turn.actor)
            await turn.reply(rotation_card(found, buttons=buttons))

    async def approvals(self, turn: Turn) -> None:
        """List what waits for this person's decision, and send a card for each."""
        waiting = await self._listings.to_decide(turn.actor, _PAGE)
        await turn.reply(self._drawn(waiting, ""))
        await self._send_cards(turn, waiting)

    async def on_approvals_page(self, turn: Turn, click: Click) -> None:
        """Show another page of that list, and send a card for each request on it."""
        after = click.text(verbs.AFTER)
        waiting = await self._listings.to_decide(turn.actor, _PAGE, after)
        if after and not waiting.requests:  # all of them have been decided
            after = ""
            waiting = await self._listings.to_decide(turn.actor, _PAGE)
        await turn.show(self._drawn(waiting, after))
        await self._send_cards(turn, waiting)

    def _drawn(self, waiting: Listing, after: str) -> Content:
        paging = Paging(after, waiting.following)
        return approvals_card(waiting.requests, waiting.more, self._clock(), paging)

    async def _send_cards(self, turn: Turn, waiting: Listing) -> None:
        for request in waiting.requests:
            # An admin who reviews break-glass access has no say in more time for it.
            if request.extension and _may_decide(request, turn.actor):
                await turn.reply(_extension_card(request, request.extension))
            if awaits_review(request):
                await turn.reply(_review_card(request))
            elif not request.extension:
                await self._show(turn, request, buttons=True)

    async def _show(self, turn: Turn, request: Request, *, buttons: bool) -> None:
        """Show a request, and keep the card up to date."""
        if turn.conversation.is_personal and is_requester(request, turn.actor):
            sent = await turn.reply(request_view(turn, request, self._clock()))
            await self._card_tracker.remember_copy(turn, request.id, sent, decides=False)
            return
        answers = turn.actor.object_id not in request.involved
        reader = turn.actor.object_id
        card = request_card(request, buttons=buttons, answers=answers, reader=reader)
        key = copy_key(turn.actor.object_id, decides=buttons)
        sent = await turn.reply(kept_current(turn, card, request.id, key))
        await self._card_tracker.remember_copy(turn, request.id, sent, decides=buttons)


def _may_decide(request: Request, actor: Actor) -> bool:
    """Return whether it may be theirs to decide; who is in a group is looked up at the click."""
    groups = {group.object_id for group in request.terms.groups}
    is_involved = actor.object_id in request.involved
    return not is_involved and request.terms.let_decide(actor.object_id, groups)


def _may_answer(rotation: Rotation, actor: Actor) -> bool:
    """Return whether an admin can use a rotation's buttons: it is for others to approve it."""
    asker = rotation.trigger.actor
    is_own = asker is not None and asker.object_id == actor.object_id
    return not (is_own and rotation.state is RotationState.PENDING)


def _review_card(request: Request) -> Content:
    """Draw the card that asks approvers to review break-glass access."""
    asked = Event(AccessEvent.REVIEW_ASKED, request.requested_at)
    return review_card(request, asked, buttons=True)


def _extension_card(request: Request, extension: Extension) -> Content:
    """Draw the extension request as it was announced."""
    facts: dict[str, Fact] = {"by": extension.by.total_seconds()}
    # Of the two people involved, either may have asked, and the request doesn't say which.
    asker = None if request.beneficiary else request.requester
    asked = Event(AccessEvent.EXTENSION_ASKED, extension.asked_at, asker, facts)
    return approver_card(request, asked)
