"""Carries announcements into Teams: to people alone, and to the audit channel."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bot.connector import Connector
from bot.connector_errors import ConnectorError, ConnectorUnavailable, Refused
from bot.connector_errors import Unreachable as TeamsUnreachable
from bot.drawing import draw_orphan, draw_policy_file, draw_request, draw_rotation, draw_schedule
from domain.access import Request
from domain.announcements import Announcement, Audience, Subject
from domain.orphan import Orphan
from domain.people import Person
from domain.policy_file import PolicyFile
from domain.rotation import Rotation
from domain.schedule import ScheduledRotation
from services.announcing import Unreachable
from services.codec import Head
from services.faults import Unavailable
from services.messages import MessageRef
from services.references import Reference, References

_UNAUTHORIZED = 401


class TeamsCourier:
    """Posts and updates messages; conversations are found by reference, or opened."""

    def __init__(
        self,
        connector: Connector,
        references: References,
        *,
        app_id: str,
        tenant_id: str,
        audit_channel_id: str,
        service_url: str,
    ) -> None:
        """``service_url`` is the connector to begin with, before Teams has named ours."""
        self._connector = connector
        self._references = references
        self._app_id = app_id
        self._tenant_id = tenant_id
        self._audit_channel_id = audit_channel_id
        self._service_url = service_url

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        message = _draw(announcement, head)
        with _translated():
            if announcement.audience is Audience.AUDIT:
                in_thread = thread if announcement.subject is Subject.EVENT else None
                return await self._post_to_channel(message, in_thread)
            person = announcement.person
            if person is None:
                raise ValueError(f"{announcement.key} is for a person and names none")
            return await self._post_to_person(person, head, announcement.audience, message)

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> None:
        with _translated():
            await self._connector.update(
                ref.service_url,
                ref.conversation_id,
                ref.activity_id,
                _draw(announcement, head) | {"id": ref.activity_id},
            )

    async def _post_to_channel(
        self, message: dict[str, Any], thread: MessageRef | None
    ) -> MessageRef:
        if thread:
            sent = await self._connector.send(thread.service_url, thread.conversation_id, message)
            return MessageRef(thread.service_url, thread.conversation_id, sent)
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
        # A thread's id ends with that of its first message, should the answer not name it.
        return MessageRef(service_url, conversation, activity or conversation.rpartition("=")[2])

    async def _post_to_person(
        self, person: Person, head: Head, audience: Audience, message: dict[str, Any]
    ) -> MessageRef:
        try:
            return await self._send_alone(person, message)
        except TeamsUnreachable:
            asked_in = head.asked_in if isinstance(head, Request | Rotation) else ""
            if audience is not Audience.REQUESTER or not asked_in:
                raise
            # Whoever asked in a channel without having the app is told where they asked.
            service_url = await self._references.service_url(asked_in)
            reference = Reference(service_url or self._service_url, asked_in)
            return await self._send(reference, message)

    async def _send_alone(self, person: Person, message: dict[str, Any]) -> MessageRef:
        known = await self._references.person(person.object_id)
        if known:
            try:
                return await self._send(known, message)
            except TeamsUnreachable:
                pass  # the app may have been installed anew, in another conversation
        return await self._send(await self._open(person), message)

    async def _open(self, person: Person) -> Reference:
        service_url = await self._references.region() or self._service_url
        parameters = {
            "isGroup": False,
            "bot": {"id": self._bot_id},
            "members": [{"id": person.object_id}],
            "tenantId": self._tenant_id,
            "channelData": {"tenant": {"id": self._tenant_id}},
        }
        conversation, _ = await self._connector.create_conversation(service_url, parameters)
        reference = Reference(service_url, conversation)
        await self._references.remember_person(person.object_id, reference)
        return reference

    async def _send(self, reference: Reference, message: dict[str, Any]) -> MessageRef:
        sent = await self._connector.send(reference.service_url, reference.conversation_id, message)
        return MessageRef(reference.service_url, reference.conversation_id, sent)

    @property
    def _bot_id(self) -> str:
        return f"28:{self._app_id}"


def _draw(announcement: Announcement, head: Head) -> dict[str, Any]:
    match head:
        case Request() as request:
            return draw_request(announcement, request)
        case Rotation() as rotation:
            return draw_rotation(announcement, rotation)
        case Orphan() as orphan:
            return draw_orphan(announcement, orphan)
        case PolicyFile() as policy_file:
            return draw_policy_file(announcement, policy_file)
        case ScheduledRotation() as schedule:
            return draw_schedule(announcement, schedule)
        case _:
            raise ValueError(f"nothing is announced of {head.id}")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the connector says into what the announcer can act on."""
    try:
        yield
    except ConnectorUnavailable as fault:
        wait = timedelta(seconds=fault.retry_after) if fault.retry_after else None
        raise Unavailable("Teams", str(fault), wait) from fault
    except Refused as fault:
        if fault.status == _UNAUTHORIZED:
            raise Unavailable("Teams", str(fault)) from fault
        raise Unreachable("Teams", str(fault)) from fault
    except ConnectorError as fault:
        raise Unreachable("Teams", str(fault)) from fault
