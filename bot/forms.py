"""The form for a request: one person's form in one conversation stays until it is right."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.turn import Card, Click, Turn
from dialogs.form_click import read_form_click
from dialogs.request_dialog import FormAnswer, FormTerms, RequestOptions, answer, begin, terms_of
from dialogs.stored_form import document_of, state_in
from domain.access.request import RequestDraft
from domain.refusals.requests import FormClosed
from services.clock import Clock
from services.faults import Conflict
from services.people.addresses import ConversationAddress
from services.storage.documents import Documents

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClickedForm:
    """What the form is drawn from, and the draft that it came to; None while it stays open."""

    terms: FormTerms
    draft: RequestDraft | None
    close: Callable[[], Awaitable[None]]
    """Closes the form; to be called once its draft is filed."""


@dataclass(slots=True)
class _Kept:
    """The state of one person's form in one conversation, as it is stored."""

    state: dict[str, Any] | None = None
    """None if no form is open."""
    etag: str | None = None
    """None if nothing has ever been stored."""


class Forms:
    """Opens forms and takes clicks on them.

    Each person has their own in each conversation, so in a channel nobody can answer another's.
    """

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def open(self, turn: Turn, options: RequestOptions) -> None:
        """Show a form, in place of any other that this person has open here."""
        await turn.show(await self._open(_key(turn, turn.conversation.id), options))

    async def open_in(
        self, turn: Turn, options: RequestOptions, where: ConversationAddress
    ) -> Card:
        """Open a form in the sender's own chat; return its card, which the caller sends there."""
        return await self._open(_key(turn, where.conversation_id), options)

    async def take_click(self, turn: Turn, click: Click) -> ClickedForm | None:
        """Take a click on the open form; None where this person has no form open here.

        Raises FormClosed if it was cancelled and another turn of the same person was first.
        """
        key = _key(turn, turn.conversation.id)
        kept = await self._read(key)
        if kept.state is None:
            return None
        terms = terms_of(kept.state)

        async def close() -> None:
            await self._write(key, kept, None)

        clicked = read_form_click(click.verb, click.data)
        came_to = answer(terms, clicked, self._clock()) if clicked else FormAnswer()
        if came_to.is_over and came_to.draft is None and not await self._write(key, kept, None):
            raise FormClosed
        if came_to.card:
            await turn.show(came_to.card)
        return ClickedForm(terms, came_to.draft, close)

    async def _open(self, key: str, options: RequestOptions) -> Card:
        terms, card = begin(options)
        # Stored before the card is shown, so that no click comes too early.
        await self._write(key, await self._read(key), terms)
        return card

    async def _read(self, key: str) -> _Kept:
        found = (await self._documents.read([key])).get(key)
        return _Kept(state_in(found.content), found.etag) if found else _Kept()

    async def _write(self, key: str, kept: _Kept, terms: FormTerms | None) -> bool:
        """Store a form; False if another turn was first."""
        if kept.state == terms:
            return True
        try:
            await self._documents.write(key, document_of(terms), kept.etag)
        except Conflict:
            # The same person spoke twice at once. The other turn's form is the one that is open;
            # what this turn filed is filed.
            log.info("form not stored: another turn of the same person was first")
            return False
        return True


def _key(turn: Turn, conversation_id: str) -> str:
    """Name a form's document; earlier versions have the same names."""
    return f"msteams/conversations/{conversation_id}/users/{turn.sender_id}/"
