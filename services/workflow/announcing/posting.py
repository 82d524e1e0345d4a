"""Posts or updates one message, and says what becomes of it if Teams doesn't take it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.access.request import AccessEvent, Request
from domain.access.transitions.changes import report_unreachable
from domain.announcement import Announcement, Audience
from domain.people import Person
from domain.unknown_outcome import TEAMS_LIFE
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.workflow.announcing.delivery import Delivery
from services.workflow.announcing.message_sender import (
    MessageGone,
    MessageRefused,
    MessageSender,
    RecipientUnreachable,
)
from services.workflow.announcing.outstanding import thread_of
from services.workflow.codec import Head
from services.workflow.due.agenda import CLAIM
from services.workflow.engine import Engine
from services.workflow.messages import Message, MessageRef, Messages, Shown, can_claim
from services.workflow.workflows import Snapshot, Workflows

log = logging.getLogger(__name__)

WELL_BEFORE = CLAIM / 4
"""With less time left than this, the claim on a message is renewed before it is posted."""

_POSTED_AGAIN = frozenset({Audience.AUDIT, Audience.APPROVER, Audience.CHANNEL})
"""Audiences whose deleted messages are posted again: evidence, or open decisions."""


class Posting:
    """Posts and updates messages, each under its claim."""

    def __init__(
        self,
        workflows: Workflows,
        messages: Messages,
        engine: Engine,
        message_sender: MessageSender,
        clock: Clock,
    ) -> None:
        self._workflows = workflows
        self._messages = messages
        self._engine = engine
        self._message_sender = message_sender
        self._clock = clock
        self._unanswered: dict[str, dict[str, datetime]] = {}
        """Failed updates that may still come, by workflow and message, and until when."""

    def note_unanswered(self, workflow_id: str, updates: Mapping[str, datetime]) -> None:
        """Note updates of a workflow's messages that may still come, and until when."""
        if updates:
            self._unanswered.setdefault(workflow_id, {}).update(updates)

    def take_unanswered(self, workflow_id: str) -> Mapping[str, datetime]:
        """Return a workflow's failed updates that may still come, and until when; forget them."""
        return self._unanswered.pop(workflow_id, {})

    async def deliver(
        self, delivery: Delivery, announcement: Announcement, snapshot: Snapshot
    ) -> None:
        """Post a message, or update it if it was posted; a fault says that it waits."""
        head = snapshot.stored.head
        message = snapshot.messages.get(announcement.key)
        if message and message.ref:
            found = [snapshot.messages[part.key] for part in announcement.parts]
            if await self._update(message.ref, announcement, head):
                delivery.show(_shown(announcement, found, message.ref))
            else:
                delivery.lose(found)
            return
        mine = await self._take(delivery, announcement)
        try:
            ref = await self._message_sender.post(announcement, head, thread_of(snapshot))
        except (RecipientUnreachable, MessageRefused) as fault:
            if announcement.is_for_channel:
                delivery.hold(mine)
                raise
            await self._give_up(delivery, mine, announcement, snapshot, fault)
            return
        except Exception:
            delivery.hold(mine)
            raise
        delivery.show(_shown(announcement, mine, ref))

    async def _take(self, delivery: Delivery, announcement: Announcement) -> Sequence[Message]:
        """Take a message's claim to post it now; it is renewed if it was long ago."""
        now = self._clock()
        mine = delivery.take(announcement)
        if can_claim(mine, now + WELL_BEFORE):
            wanted = {one.key: replace(one, claimed_until=None) for one in mine}
            renewed = await self._messages.claim(delivery.claim.workflow_id, wanted, now)
            if renewed is None:
                raise Unavailable("Teams", "another replica is posting this message")
            return renewed
        return mine

    async def _update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        """Update a message; False if it is gone and must be posted again."""
        try:
            if not await self._message_sender.update(ref, announcement, head):
                await self._update_again(head.id, announcement)
        except Unavailable as fault:
            if fault.outcome_unknown:
                until = self._clock() + TEAMS_LIFE
                self.note_unanswered(head.id, {announcement.key: until})
            raise
        except (MessageGone, RecipientUnreachable) as fault:
            log.warning("%s: %s can't be updated: %s", head.id, announcement.key, fault)
            return not (announcement.opens and announcement.audience in _POSTED_AGAIN)
        except MessageRefused as fault:
            if announcement.is_for_channel:
                raise
            log.warning("%s: %s was refused by Teams: %s", head.id, announcement.key, fault)
        return True

    async def _update_again(self, workflow_id: str, announcement: Announcement) -> None:
        """Have a message updated once nothing older can come over it any more.

        If that can't be written, the message may stay as it was; what a card says stays true.
        """
        at = self._clock() + TEAMS_LIFE
        try:
            await self._messages.update_again(workflow_id, announcement.key, at)
        except Fault as fault:
            log.warning("%s: %s not updated again: %s", workflow_id, announcement.key, fault)

    async def _give_up(
        self,
        delivery: Delivery,
        messages: Sequence[Message],
        announcement: Announcement,
        snapshot: Snapshot,
        fault: Fault,
    ) -> None:
        head = snapshot.stored.head
        log.error("%s: %s is undeliverable: %s", head.id, announcement.key, fault)
        if announcement.audience is Audience.APPROVER and announcement.person:
            await self._report(head.id, announcement.person)
        for message in messages:
            await self._messages.give_up(head.id, message)
        delivery.snapshot = None

    async def _report(self, workflow_id: str, approver: Person) -> None:
        """Record the unreachable approver as an event, which posts a card in the channel."""
        while snapshot := await self._workflows.snapshot(workflow_id):
            known = {
                event.facts["approver"]
                for event in snapshot.events
                if event.kind == AccessEvent.UNREACHABLE
            }
            if approver.object_id in known:
                return
            head = snapshot.stored.head
            if not isinstance(head, Request):
                return
            try:
                change = report_unreachable(head, approver, self._clock())
                await self._engine.record(snapshot.stored, change)
            except Conflict:
                continue
            return


def _shown(announcement: Announcement, messages: Sequence[Message], ref: MessageRef) -> list[Shown]:
    return [
        Shown(message, ref, part.revision)
        for part, message in zip(announcement.parts, messages, strict=True)
    ]
