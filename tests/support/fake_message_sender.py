"""A Teams that only records the messages it gets."""

import asyncio
from dataclasses import dataclass

from domain.announcement import Announcement, Audience
from services.workflow.announcing.message_sender import (
    MessageGone,
    MessageRefused,
    RecipientUnreachable,
)
from services.workflow.codec import Head
from services.workflow.messages import MessageRef
from tests.support.fault_queue import FaultQueue


@dataclass(frozen=True, slots=True)
class Sent:
    """A posted or updated message."""

    ref: MessageRef
    announcement: Announcement
    head: Head
    thread: MessageRef | None = None

    @property
    def key(self) -> str:
        return self.announcement.key


class FakeMessageSender:
    """A ``MessageSender``: whoever is ``unreachable`` stays so until a test says otherwise."""

    def __init__(self) -> None:
        self.posts: list[Sent] = []
        self.updates: list[Sent] = []
        self.unreachable: set[str] = set()
        """Object IDs, and ``audit`` for the audit channel."""
        self.gone: set[str] = set()
        """IDs of threads that can't be replied to, and of messages that can't be updated."""
        self.refused: set[str] = set()
        """Keys of messages that are refused permanently."""
        self.unanswered = 0
        """How many of the next updates come after an attempt that went unanswered."""
        self.faults = FaultQueue()
        self._posted = asyncio.Event()

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        self._require_reachable(announcement)
        with self.faults.around("post"):
            ref = MessageRef(
                "https://teams.example", self._place(announcement, thread), self._next()
            )
            self.posts.append(Sent(ref, announcement, head, thread))
            self._posted.set()
            return ref

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        self._require_reachable(announcement)
        if {ref.conversation_id, ref.activity_id} & self.gone:
            raise MessageGone("fake", "the message is gone")
        with self.faults.around("update"):
            self.updates.append(Sent(ref, announcement, head))
        is_sure = not self.unanswered
        self.unanswered = max(0, self.unanswered - 1)
        return is_sure

    def posted(self) -> list[str]:
        """Return the keys of the posted messages, in order."""
        return [sent.key for sent in self.posts]

    def audited(self) -> list[str]:
        """Return the events posted to the audit channel, in order."""
        return [
            str(part.event.kind)
            for sent in self.posts
            for part in sent.announcement.parts
            if part.audience is Audience.AUDIT and part.event
        ]

    async def until_audited(self, kind: str) -> None:
        """Wait until an event of this kind is in the audit channel."""
        while kind not in self.audited():
            self._posted.clear()
            await self._posted.wait()

    async def until_sent_to(self, object_id: str, kind: str) -> None:
        """Wait until a person got a message about an event of this kind."""
        while kind not in self.sent_to(object_id):
            self._posted.clear()
            await self._posted.wait()

    def sent_to(self, object_id: str) -> list[str]:
        """Return the events that a person got messages about in their own chat, in order."""
        return [
            str(sent.announcement.event.kind)
            for sent in self.posts
            if sent.announcement.event
            and sent.announcement.audience is not Audience.ASKED_IN
            and sent.announcement.person
            and sent.announcement.person.object_id == object_id
        ]

    def outcomes(self) -> list[str]:
        """Return the events posted where the request was made, in order."""
        return [
            str(sent.announcement.event.kind)
            for sent in self.posts
            if sent.announcement.audience is Audience.ASKED_IN and sent.announcement.event
        ]

    def shown(self, key: str) -> Sent:
        """Return the current state of a message, or of the one that it is a part of."""
        every = (*self.posts, *self.updates)
        return [one for one in every if key in [part.key for part in one.announcement.parts]][-1]

    def _next(self) -> str:
        return f"activity-{len(self.posts) + 1}"

    def _place(self, announcement: Announcement, thread: MessageRef | None) -> str:
        if announcement.audience is not Audience.AUDIT:
            return f"to-{announcement.audience}"
        if thread and thread.conversation_id not in self.gone:
            return thread.conversation_id
        return f"thread-{self._next()}"

    def _require_reachable(self, announcement: Announcement) -> None:
        whom = "audit" if announcement.audience is Audience.AUDIT else None
        if announcement.person:
            whom = announcement.person.object_id
        if whom in self.unreachable:
            raise RecipientUnreachable("fake", "BotNotInConversationRoster")
        if self.refused.intersection(part.key for part in announcement.parts):
            raise MessageRefused("fake", "413")
