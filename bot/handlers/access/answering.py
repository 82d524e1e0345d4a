"""Decide by text, through the use cases of the buttons."""

from bot.delivery.card_tracker import CardTracker
from bot.delivery.refresh import kept_current
from bot.handlers.access.confirming import Confirming
from bot.handlers.access.listings import ListingHandlers
from bot.ids import is_request_id
from bot.turn import Turn
from cards.access.request_card import request_card
from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.operations.hints import add_a_reason
from domain.access.announcements import copy_key
from domain.access.extension import Extension
from domain.refusals.decisions import UnknownRequest
from domain.refusals.sign_ins import StepUpNeeded
from domain.visible import says_something
from services.access.extensions import Extensions
from services.access.listings import Listings
from services.access.requests import Access
from services.access.sign_in.held_acts import HeldApproval, HeldExtension


class AnswerHandlers:
    """Handle typed decisions about requests and extensions; refusals are raised to the caller."""

    def __init__(
        self,
        access: Access,
        extensions: Extensions,
        listings: Listings,
        shown: ListingHandlers,
        confirming: Confirming,
        card_tracker: CardTracker,
    ) -> None:
        self._access = access
        self._extensions = extensions
        self._listings = listings
        self._shown = shown
        self._confirming = confirming
        self._card_tracker = card_tracker

    async def approve(self, turn: Turn, request_id: str, note: str) -> None:
        """Approve a request, or its extension if that is what waits."""
        actor = turn.actor
        extension = await self._extension_meant(turn, _checked(request_id))
        try:
            if extension:
                source_id = extension.source_id
                request = await self._extensions.allow(actor, request_id, source_id, note=note)
            else:
                request = await self._access.approve(actor, request_id, note=note)
        except StepUpNeeded as needed:
            held = (
                HeldExtension(request_id, extension.source_id, note)
                if extension
                else HeldApproval(request_id, note=note)
            )
            await self._reply(turn, request_id, await self._confirming.ask(actor, held, needed))
            return
        await self._reply(turn, request_id, request_card(request, buttons=False))

    async def deny(self, turn: Turn, request_id: str, reason: str) -> None:
        """Deny a request, or its extension; without a reason show where to enter one."""
        actor = turn.actor
        extension = await self._extension_meant(turn, _checked(request_id))
        if extension:
            source_id = extension.source_id
            request = await self._extensions.refuse(actor, request_id, source_id, reason)
        elif says_something(reason):
            request = await self._access.deny(actor, request_id, reason)
        elif turn.conversation.is_personal:
            await self._shown.status(turn, request_id)
            return
        else:
            await turn.reply(notice(add_a_reason(request_id), Tone.WARNING))
            return
        await self._reply(turn, request_id, request_card(request, buttons=False))

    async def _extension_meant(self, turn: Turn, request_id: str) -> Extension | None:
        """Return the open extension, if a line can be about it.

        A line that Teams delivers late, or again, is about what waited when it was typed.
        """
        found = await self._listings.open_extension(turn.actor, request_id)
        is_newer = bool(found and turn.sent_at and found.asked_at > turn.sent_at)
        return None if is_newer else found

    async def _reply(self, turn: Turn, request_id: str, card: Content) -> None:
        """Reply with a card that is kept up to date."""
        key = copy_key(turn.actor.object_id, decides=False)
        sent = await turn.reply(kept_current(turn, card, request_id, key))
        await self._card_tracker.remember_copy(turn, request_id, sent, decides=False)


def _checked(request_id: str) -> str:
    if not is_request_id(request_id):
        raise UnknownRequest
    return request_id
