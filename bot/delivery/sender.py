"""Send announcements to Teams: to people in personal chats, and to the audit channel."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from bot.delivery.drawing import draw_announcement, draw_substitute
from bot.delivery.own_chats import OwnChats
from bot.delivery.refresh import card_of, knows_refresh, with_card
from bot.transport.connector import Connector
from bot.transport.connector_errors import (
    ActivityGone,
    ActivityRefused,
    ConnectorError,
    ConnectorUnavailable,
)
from bot.transport.connector_errors import ConversationUnreachable as TeamsUnreachable
from cards.kit.mention import with_mentions
from cards.kit.refresh import with_refresh
from cards.languages.texts import say
from domain.access.announcements import can_change, is_shared_chat, recipient_of
from domain.access.request import Request
from domain.announcement import Announcement, Audience, Subject
from domain.people import Person
from domain.rotation.rotation import Rotation
from services.clock import Clock
from services.faults import Unavailable
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.workflow.announcing import MessageGone, MessageRefused, RecipientUnreachable
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
    whole: dict[str, Any]

    async def sent(self, send: Callable[[dict[str, Any]], Awaitable[T]]) -> T:
        """Send the message, or its substitute if Teams rejects its content."""
        try:
            return await send(self.whole)
        except ActivityRefused as fault:
            if fault.status == _UNAUTHORIZED:
                raise
            log.warning("%s: %s shortened: %s", self.head.id, self.announcement.key, fault)
        return await send(draw_substitute(self.whole, self.announcement, self.head))

    def refreshed_for(self, teams_id: str) -> "_Drawn":
        """Let the card refresh itself when its one reader looks at it."""
        if not can_change(self.announcement):
            return self
        key = self.announcement.key
        card = with_refresh(card_of(self.whole), self.head.id, key, [teams_id])
        return replace(self, whole=with_card(self.whole, card))

    def mentioning(self, person: Person) -> "_Drawn":
        """Mention the reader, so they notice it in a channel or group."""
        said = say("I'm answering here because I can't reach you in a personal chat.")
        card = with_mentions(card_of(self.whole), [person], said)
        return replace(self, whole=with_card(self.whole, card))


def _draw(announcement: Announcement, head: Head, own_at: datetime | None = None) -> _Drawn:
    return _Drawn(announcement, head, draw_announcement(announcement, head, own_at))


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
    ) -> None:
        """``service_url`` is the connector to use until Teams has sent us our own."""
        self._connector = connector
        self._references = references
        self._app_id = app_id
        self._tenant_id = tenant_id
        self._audit_channel_id = audit_channel_id
        self._service_url = service_url
        self._clock = clock
        self._own_chats = own_chats

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        drawn = _draw(announcement, head)
        with _translated():
            if announcement.is_for_channel:
                in_thread = thread if announcement.subject is Subject.EVENT else None
                return await self._post_to_channel(drawn, in_thread)
            person = announcement.person
            if person is None:
                raise ValueError(f"{announcement.key} is for a person but names no one")
            if announcement.audience is Audience.ASKED_IN and isinstance(head, Request):
                return await self._send(await self._asked_in(head.asked_in), drawn)
            return await self._post_to_person(person, drawn)

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> None:
        reader = recipient_of(announcement)
        is_shared = is_shared_chat(ref.conversation_id)
        drawn = _draw(announcement, head, None if is_shared else self._clock())
        if reader and not is_shared and knows_refresh(ref.service_url):
            drawn = drawn.refreshed_for(await self._references.teams_id(reader))
        with _translated():
            await drawn.sent(
                lambda message: self._connector.update(
                    ref.service_url,
                    ref.conversation_id,
                    ref.activity_id,
                    message | {"id": ref.activity_id},
                )
            )

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

    async def _post_to_person(self, person: Person, drawn: _Drawn) -> MessageRef:
        try:
            return await self._send_alone(person, drawn)
        except TeamsUnreachable:
            head = drawn.head
            asked_in = head.asked_in if isinstance(head, Request | Rotation) else ""
            if drawn.announcement.audience is not Audience.REQUESTER or not asked_in:
                raise
            # A requester who asked in a channel without the app installed is answered there.
            reference = await self._asked_in(asked_in)
            shared = is_shared_chat(asked_in)
            return await self._send(reference, drawn.mentioning(person) if shared else drawn)

    async def _asked_in(self, conversation_id: str) -> ConversationAddress:
        service_url = await self._references.service_url(conversation_id)
        return ConversationAddress(service_url or self._service_url, conversation_id)

    async def _send_alone(self, person: Person, drawn: _Drawn) -> MessageRef:
        known = await self._references.person(person.object_id)
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
        raise Unavailable("Teams", str(fault), fault.retry_after) from fault
    except ActivityRefused as fault:
        if fault.status == _UNAUTHORIZED:
            raise Unavailable("Teams", str(fault)) from fault
        raise MessageRefused("Teams", str(fault), status=fault.status, code=fault.code) from fault
    except ActivityGone as fault:
        raise MessageGone("Teams", str(fault)) from fault
    except ConnectorError as fault:
        raise RecipientUnreachable("Teams", str(fault)) from fault
