"""Delivers the announcements that follow from a workflow's events, at least once each."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from domain.access import AccessEvent, Request
from domain.access_changes import report_unreachable
from domain.announcements import Announcement, Audience, Subject, announcements, copies
from domain.orphan import Orphan
from domain.orphan_announcements import orphan_announcements
from domain.people import Person
from domain.policy_file import PolicyFile, policy_file_announcements
from domain.rotation import Rotation
from domain.rotation_announcements import rotation_announcements
from domain.schedule import ScheduledRotation, schedule_announcements
from services.codec import Head
from services.engine import Clock, Engine
from services.faults import Conflict, Fault, Unavailable
from services.messages import Message, MessageRef, Messages
from services.workflows import Snapshot, Workflows

log = logging.getLogger(__name__)

SOON = timedelta(seconds=2)
RETRY_AUDIT = timedelta(seconds=30)


class Unreachable(Fault):
    """Teams will never deliver this message: the app is not installed, or was blocked."""


class Courier(Protocol):
    """Whoever carries announcements into Teams."""

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        """Post a message; an audit message goes into the workflow's thread, where there is one.

        Raises Unreachable, or Unavailable for what may work later.
        """

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> None:
        """Put the announcement's present content into the message that exists."""


class Announcer:
    """Brings the messages of a workflow up to date."""

    def __init__(
        self,
        workflows: Workflows,
        messages: Messages,
        engine: Engine,
        courier: Courier,
        clock: Clock,
    ) -> None:
        self._workflows = workflows
        self._messages = messages
        self._engine = engine
        self._courier = courier
        self._clock = clock

    async def deliver(self, workflow_id: str) -> timedelta | None:
        """Deliver what is not delivered; returns after how long to come back, if at all."""
        snapshot = await self._workflows.snapshot(workflow_id)
        if snapshot is None:
            return None
        await self._workflows.index_actors(snapshot)
        waits: list[timedelta] = []
        thread = _thread(snapshot)
        audit_waits = False
        for announcement in _announcements(snapshot):
            if audit_waits and announcement.audience is Audience.AUDIT:
                continue  # the trail is told in its order, in one thread
            try:
                ref = await self._deliver(announcement, snapshot, thread)
            except Unavailable as fault:
                log.warning("%s: %s not delivered: %s", workflow_id, announcement.key, fault)
                waits.append(fault.retry_after or SOON)
                audit_waits = audit_waits or announcement.audience is Audience.AUDIT
                continue
            except Exception:
                # A fault of ours in one message must not silence the others.
                log.exception("%s: %s not delivered", workflow_id, announcement.key)
                waits.append(SOON)
                continue
            if ref and announcement.key.startswith("audit-"):
                thread = thread or ref
        return max(waits, default=None)

    async def _deliver(
        self, announcement: Announcement, snapshot: Snapshot, thread: MessageRef | None
    ) -> MessageRef | None:
        head = snapshot.stored.head
        message = snapshot.messages.get(announcement.key)
        if message and message.undeliverable:
            return None
        if message and message.ref:
            if message.revision < announcement.revision:
                await self._update(message, message.ref, announcement, head)
            return message.ref
        if not announcement.opens:
            return None
        claimed = await self._messages.claim(head.id, announcement.key, message, self._clock())
        if claimed is None:
            raise Unavailable("Teams", "another replica is posting this message")
        try:
            ref = await self._courier.post(announcement, head, thread)
        except Unavailable:
            await self._messages.release(head.id, claimed)
            raise
        except Unreachable as fault:
            if announcement.audience is Audience.AUDIT:
                # The audit trail is never given up: the bot may be put back into the team.
                await self._messages.release(head.id, claimed)
                raise Unavailable(fault.service, fault.cause, RETRY_AUDIT) from fault
            await self._give_up(claimed, announcement, snapshot, fault)
            return None
        await self._messages.record(head.id, claimed, ref, announcement.revision)
        return ref

    async def _update(
        self, message: Message, ref: MessageRef, announcement: Announcement, head: Head
    ) -> None:
        try:
            await self._courier.update(ref, announcement, head)
        except Unreachable as fault:
            log.warning("%s: %s cannot be updated: %s", head.id, announcement.key, fault)
        await self._messages.record(head.id, message, ref, announcement.revision)

    async def _give_up(
        self, message: Message, announcement: Announcement, snapshot: Snapshot, fault: Unreachable
    ) -> None:
        head = snapshot.stored.head
        log.error("%s: %s is undeliverable: %s", head.id, announcement.key, fault)
        if announcement.audience is Audience.APPROVER and announcement.person:
            await self._report(head.id, announcement.person)
        await self._messages.give_up(head.id, message)

    async def _report(self, workflow_id: str, approver: Person) -> None:
        """Record the unreachable approver as an event, from which the channel's card follows."""
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


def _announcements(snapshot: Snapshot) -> list[Announcement]:
    """Derive every message; those of the audit trail name the hash that their event has."""
    hashes = dict(enumerate(snapshot.hashes, start=1))
    return [
        replace(each, hash=hashes.get(each.revision, "")) if _is_evidence(each) else each
        for each in _derived(snapshot)
    ]


def _is_evidence(announcement: Announcement) -> bool:
    return announcement.audience is Audience.AUDIT and announcement.subject is Subject.EVENT


def _derived(snapshot: Snapshot) -> tuple[Announcement, ...]:
    match snapshot.stored.head:
        case Request() as request:
            copied = copies(snapshot.messages, snapshot.events)
            return (*announcements(request, snapshot.events), *copied)
        case Rotation() as rotation:
            return rotation_announcements(rotation, snapshot.events)
        case Orphan():
            return orphan_announcements(snapshot.events)
        case PolicyFile():
            return policy_file_announcements(snapshot.events)
        case ScheduledRotation():
            return schedule_announcements(snapshot.events)
        case _:
            return ()  # reconciling announces what it starts, not itself


def _thread(snapshot: Snapshot) -> MessageRef | None:
    """Find the first audit message: those that follow are its replies."""
    audit = (
        message for key, message in sorted(snapshot.messages.items()) if key.startswith("audit-")
    )
    return next((message.ref for message in audit if message.ref), None)
