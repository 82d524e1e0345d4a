"""Send announcements to Teams: to people in personal chats, and to the audit channel."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from bot.delivery.drawing import draw_announcement, draw_substitute
from bot.delivery.own_chats import OwnChats
from bot.delivery.refresh import card_of, with_card
from bot.transport.outbound.connector import Connector
from bot.transport.outbound.connector_errors import (
    ActivityGone,
    ActivityRefused,
    ConnectorError,
    ConnectorUnavailable,
)
from bot.transport.outbound.connector_errors import ConversationUnreachable as TeamsUnreachable
from bot.transport.outbound.pacing import with_urgency
from cards.kit.mention import with_mentions
from cards.kit.refresh import with_refresh
from cards.languages.language import Language, language_of, speaking
from cards.languages.texts import say
from domain.access.announcements import can_change, is_shared_chat, reader_of, recipient_of
from domain.access.request import Request
from domain.announcement import Announcement, Audience, Subject
from domain.people import Person
from domain.rotation.rotation import Rotation
from services.clock import Clock
from services.faults import Unavailable
from services.limits.shared_limit import Urgency
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.workflow.announcing.message_sender import (
    MessageGone,
    MessageRefused,
    RecipientUnreachable,
)
from services.workflow.announcing.refreshing import knows_refresh
from services.workflow.codec import Head
from services.workflow.messages import MessageRef

log = logging.getLogger(__name__)

_UNAUTHORIZED = 401

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A message, and the substitute to send if Teams rejects it."""

    announcement: Announcement
    head: Head
    language: Language
    whole: dict[str, Any]

    async def sent(self, send: Callable[[dict[str, Any]], Awaitable[T]]) -> T:
        """Send the message, or its substitute if Teams rejects its content.

        A message for several events has none: each of them is then sent by itself.
        """
        try:
            return await send(self.whole)
        except ActivityRefused as fault:
            if fault.status == _UNAUTHORIZED or self.announcement.earlier:
                raise
            log.warning("%s: %s shortened: %s", self.head.id, self.announcement.key, fault)
        with speaking(self.language):
            substitute = draw_substitute(self.whole, self.announcement, self.head)
        return await send(substitute)

    def refreshed_for(self, teams_id: str) -> "_Drawn":
        """Let the card refresh itself when its one reader looks at it."""
        if not can_change(self.announcement):
            return self
        key = self.announcement.key
        card = with_refresh(card_of(self.whole), self.head.id, key, [teams_id])
        return replace(self, whole=with_card(self.whole, card))

    def mentioning(self, person: Person) -> "_Drawn":
        """Mention the reader, so they notice it in a channel or group."""
        with speaking(self.language):
            said = say("I'm answering here because I can't reach you in a personal chat.")
            card = with_mentions(card_of(self.whole), [person], said)
        return replace(self, whole=with_card(self.whole, card))


def _draw(
    announcement: Announcement, head: Head, language: Language, own_at: datetime | None = None
) -> _Drawn:
    """Draw a message in its reader's language, whoever's turn caused it."""
    with speaking(language):
        whole = draw_announcement(announcement, head, own_at)
    return _Drawn(announcement, head, language, whole)


class TeamsMessageSender:
    """Posts and updates messages; finds conversations by reference, or opens them."""

    def __init__(
        self,
        connector: Connector,
        references: ConversationAddresses,
        *,
        app_id: str,
        tenant_id: str,
        audit_channel_id: str,
        service_url: str,
        clock: Clock,
        own_chats: OwnChats,
        audit_language: Language,
    ) -> None:
        """``service_url`` is the connector to use until Teams has sent us our own.

        ``audit_language`` is for what several people read, and for people without a known locale.
        """
        self._connector = connector
        self._references = references
        self._app_id = app_id
        self._tenant_id = tenant_id
        self._audit_channel_id = audit_channel_id
        self._service_url = service_url
        self._clock = clock
        self._own_chats = own_chats
        self._audit_language = audit_language

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        urgency = Urgency.LAST if announcement.audience is Audience.AUDIT else Urgency.FIRST
        with _translated(), with_urgency(urgency):
            if announcement.is_for_channel:
                in_thread = thread if announcement.subject is Subject.EVENT else None
                return await self._post_to_channel(
                    self._draw_for_all(announcement, head), in_thread
                )
            person = announcement.person
            if person is None:
                raise ValueError(f"{announcement.key} is for a person but names no one")
            if announcement.audience is Audience.ASKED_IN and isinstance(head, Request):
                drawn = self._draw_for_all(announcement, head)
                return await self._send(await self._asked_in(head.asked_in), drawn)
            return await self._post_to_person(person, announcement, head)

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        if is_shared_chat(ref.conversation_id):
            drawn = self._draw_for_all(announcement, head)
        else:
            drawn = await self._draw_again(announcement, head, ref.service_url)
        urgency = Urgency.LAST if announcement.audience is Audience.AUDIT else Urgency.USUAL
        with _translated(), with_urgency(urgency):
            return await drawn.sent(
                lambda message: self._connector.update(
                    ref.service_url,
                    ref.conversation_id,
                    ref.activity_id,
                    message | {"id": ref.activity_id},
                )
            )

    def _draw_for_all(self, announcement: Announcement, head: Head) -> _Drawn:
        """Draw a message that everybody in a channel or group reads."""
        return _draw(announcement, head, self._audit_language)

    async def _draw_again(self, announcement: Announcement, head: Head, service_url: str) -> _Drawn:
        """Draw a message that is in its reader's own chat."""
        reader = reader_of(announcement)
        known = await self._references.person(reader) if reader else None
        drawn = _draw(announcement, head, self._language_of(reader, known), self._clock())
        if not recipient_of(announcement) or not knows_refresh(service_url):
            return drawn
        return drawn.refreshed_for((known and known.teams_id) or reader)

    def _language_of(self, object_id: str, known: ConversationAddress | None) -> Language:
        locale = known.locale if known else self._references.heard(object_id)
        return language_of(locale, unknown=self._audit_language)

    async def _post_to_channel(self, drawn: _Drawn, thread: MessageRef | None) -> MessageRef:
        if thread:
            reference = ConversationAddress(thread.service_url, thread.conversation_id)
            try:
                return await self._send(reference, drawn)
            except (TeamsUnreachable, ActivityRefused) as fault:
                if isinstance(fault, ActivityRefused) and fault.status == _UNAUTHORIZED:
                    raise
                # The channel was deleted, archived or moved, or the first message is gone. If the
                # bot was removed from the team, the new thread is refused too.
                log.warning("%s: opening a new thread: %s", drawn.head.id, fault)
        return await drawn.sent(self._open_thread)

    async def _open_thread(self, message: dict[str, Any]) -> MessageRef:
        channel = self._audit_channel_id
        service_url = await self._references.service_url(channel) or self._service_url
        parameters = {
            "isGroup": True,
            "bot": {"id": self._bot_id},
            "tenantId": self._tenant_id,
            "channelData": {"channel": {"id": channel}, "tenant": {"id": self._tenant_id}},
            "activity": message,
        }
        conversation, activity = await self._connector.create_conversation(service_url, parameters)
        # If the answer doesn't name the first message: a thread's id ends with its id.
        return MessageRef(service_url, conversation, activity or conversation.rpartition("=")[2])

    async def _post_to_person(
        self, person: Person, announcement: Announcement, head: Head
    ) -> MessageRef:
        known = await self._references.person(person.object_id)
        language = self._language_of(person.object_id, known)
        drawn = _draw(announcement, head, language, self._clock())
        try:
            return await self._send_alone(person, known, drawn)
        except TeamsUnreachable:
            asked_in = head.asked_in if isinstance(head, Request | Rotation) else ""
            if announcement.audience is not Audience.REQUESTER or not asked_in:
                raise
            # A requester who asked in a channel without the app installed is answered there.
            reference = await self._asked_in(asked_in)
            if is_shared_chat(asked_in):
                drawn = self._draw_for_all(announcement, head).mentioning(person)
            return await self._send(reference, drawn)

    async def _asked_in(self, conversation_id: str) -> ConversationAddress:
        service_url = await self._references.service_url(conversation_id)
        return ConversationAddress(service_url or self._service_url, conversation_id)

    async def _send_alone(
        self, person: Person, known: ConversationAddress | None, drawn: _Drawn
    ) -> MessageRef:
        if known is None or knows_refresh(known.service_url):
            drawn = drawn.refreshed_for((known and known.teams_id) or person.object_id)
        if known:
            try:
                return await self._send(known, drawn)
            except TeamsUnreachable:
                pass  # the app may have been reinstalled, with another conversation
        return await self._send(await self._own_chats.open(person.object_id, known), drawn)

    async def _send(self, reference: ConversationAddress, drawn: _Drawn) -> MessageRef:
        sent = await drawn.sent(
            lambda message: self._connector.send(
                reference.service_url, reference.conversation_id, message
            )
        )
        return MessageRef(reference.service_url, reference.conversation_id, sent)

    @property
    def _bot_id(self) -> str:
        return f"28:{self._app_id}"


@contextmanager
def _translated() -> Iterator[None]:
    """Translate connector errors into errors that the announcer handles."""
    try:
        yield
    except ConnectorUnavailable as fault:
        raise Unavailable(
            "Teams", str(fault), fault.retry_after, outcome_unknown=fault.ambiguous
        ) from fault
    except ActivityRefused as fault:
        if fault.status == _UNAUTHORIZED:
            raise Unavailable("Teams", str(fault), outcome_unknown=False) from fault
        raise MessageRefused("Teams", str(fault), status=fault.status, code=fault.code) from fault
    except ActivityGone as fault:
        raise MessageGone("Teams", str(fault)) from fault
    except ConnectorError as fault:
        raise RecipientUnreachable("Teams", str(fault)) from fault
