"""Delivers the announcements of a workflow's events, at least once each."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from domain.access.announcements import announcements, copies, own_message_key
from domain.access.approvers import former_approvers
from domain.access.changes import report_unreachable
from domain.access.request import AccessEvent, Request
from domain.announcement import Announcement, Audience, Subject
from domain.checkpoints.announcements import checkpoint_announcements
from domain.checkpoints.checkpoints import Checkpoints
from domain.people import Person
from domain.policy_file.announcements import policy_file_announcements
from domain.policy_file.file import PolicyFile
from domain.reconciliation.announcements import orphan_announcements
from domain.reconciliation.orphan import Orphan
from domain.retention.announcements import retention_announcements
from domain.retention.retention import Retention
from domain.rotation.announcements import rotation_announcements
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation, schedule_announcements
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.storage.table import Operation
from services.workflow.announcer_claims import AnnouncerClaim, AnnouncerClaims
from services.workflow.codec import Head
from services.workflow.engine import Engine
from services.workflow.messages import Message, MessageRef, Messages, Shown
from services.workflow.ownership import owned_until
from services.workflow.workflows import Snapshot, Workflows

log = logging.getLogger(__name__)

SOON = timedelta(seconds=2)
RETRY_AUDIT = timedelta(seconds=30)

_AUDIT = f"{Audience.AUDIT}-"
_MOST_ROUNDS = 5
_MOST_UNRECORDED = 50  # a transaction has at most 100 operations
_POSTED_AGAIN = frozenset({Audience.AUDIT, Audience.APPROVER, Audience.CHANNEL})
"""Audiences whose deleted messages are posted again: evidence, or open decisions."""


class RecipientUnreachable(Fault):
    """Teams can't deliver: the app isn't installed, is blocked, or was removed from the team."""


class MessageGone(Fault):
    """The message to update no longer exists."""


class MessageRefused(Fault):
    """Teams permanently refuses this message, even shortened; others aren't affected."""


class MessageSender(Protocol):
    """Delivers announcements to Teams."""

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        """Post a message; an audit message goes into the workflow's thread, if there is one.

        A missing thread is replaced by a new one; the result says where the message is.
        Raises Unreachable, MessageRefused, or Unavailable if a retry may work.
        """

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> None:
        """Update an existing message with the announcement's current content.

        Raises MessageGone in addition to what ``post`` raises.
        """


@dataclass(slots=True)
class _Delivery:
    """One replica's work on a workflow's messages, under its claim."""

    claim: AnnouncerClaim
    waits: list[timedelta] = field(default_factory=list)
    """Retry delays, one for each undelivered message."""
    put_off: set[str] = field(default_factory=set)
    """The keys of those messages, which aren't retried in this delivery."""
    audit_waits: bool = False
    shown: list[Shown] = field(default_factory=list)
    """What messages show since their last record; written with the next claim, or at the end.

    What was posted is recorded before anything else is sent: a crash must not repeat two posts.
    """


class Announcer:
    """Brings the messages of a workflow up to date."""

    def __init__(
        self,
        workflows: Workflows,
        messages: Messages,
        engine: Engine,
        message_sender: MessageSender,
        clock: Clock,
        claims: AnnouncerClaims,
    ) -> None:
        self._workflows = workflows
        self._messages = messages
        self._engine = engine
        self._message_sender = message_sender
        self._clock = clock
        self._claims = claims
        self._hands_over = False

    def hand_over(self) -> None:
        """Leave the messages after the present ones to other replicas."""
        self._hands_over = True

    async def begin(
        self, workflow_id: str, others: Sequence[Operation]
    ) -> tuple[AnnouncerClaim, list[str]] | None:
        """Claim a workflow for ``deliver`` and change other rows with that, or neither."""
        return await self._claims.claim_with(workflow_id, self._clock(), others)

    async def deliver(
        self,
        workflow_id: str,
        claim: AnnouncerClaim | None = None,
        removals: Sequence[Operation] = (),
    ) -> timedelta | None:
        """Deliver what is outstanding; returns the delay until a retry, if one is needed.

        Takes the claim that ``begin`` returned, if it did. The ``removals`` of rows happen when its
        claim is released, if no retry is needed.
        """
        claim = claim or await self._claims.claim(workflow_id, self._clock())
        if claim is None:
            return SOON  # another replica is announcing this workflow
        delivery = _Delivery(claim)
        is_done = False
        try:
            await self._bring_up_to_date(delivery)
            is_done = not delivery.waits
        finally:
            await self._claims.release(delivery.claim, removals if is_done else ())
        return max(delivery.waits, default=None)

    async def _bring_up_to_date(self, delivery: _Delivery) -> None:
        """Deliver until a check after the last message finds nothing new.

        Events may be recorded during a slow delivery. Without that check, messages would stay
        outdated until the next event.
        """
        indexed = 0
        for _ in range(_MOST_ROUNDS):
            snapshot = await self._workflows.snapshot(delivery.claim.workflow_id)
            if snapshot is None:
                return
            indexed = max(indexed, _audited(snapshot))
            if indexed < len(snapshot.events):
                await self._workflows.index_actors(snapshot, indexed)
                indexed = len(snapshot.events)
            try:
                again = await self._deliver_all(delivery, snapshot)
            finally:
                await self._record_or_retry(delivery)
            if not again:
                return
        delivery.waits.append(SOON)

    async def _deliver_all(self, delivery: _Delivery, snapshot: Snapshot) -> bool:
        """Deliver each due message once; returns whether to check again."""
        thread = _thread(snapshot)
        sent = False
        for announcement in announcements_of(snapshot):
            if announcement.key in delivery.put_off:
                continue
            if delivery.audit_waits and announcement.is_for_channel:
                continue  # audit messages go out in order, in one thread
            if not self._is_due(announcement, snapshot):
                continue
            if not await self._keep_claim(delivery):
                return False
            sent = True
            with owned_until(delivery.claim.until, self._clock):
                ref = await self._try(delivery, announcement, snapshot, thread)
            if ref and announcement.key.startswith(_AUDIT):
                thread = _continued(thread, ref)
        return sent

    def _is_due(self, announcement: Announcement, snapshot: Snapshot) -> bool:
        """Return whether a message must be posted or updated."""
        message = snapshot.messages.get(announcement.key)
        if message and message.undeliverable:
            return False
        if announcement.audience is Audience.ASKED_IN and not _is_told_apart(
            announcement, snapshot
        ):
            return False
        if message and message.ref:
            return message.revision < announcement.revision
        return announcement.opens

    async def _keep_claim(self, delivery: _Delivery) -> bool:
        if self._hands_over:
            delivery.waits.append(timedelta())
            return False
        kept = await self._claims.keep(delivery.claim, self._clock())
        if kept is None:
            log.warning("%s: another replica is announcing it now", delivery.claim.workflow_id)
            delivery.waits.append(SOON)
            return False
        delivery.claim = kept
        return True

    async def _try(
        self,
        delivery: _Delivery,
        announcement: Announcement,
        snapshot: Snapshot,
        thread: MessageRef | None,
    ) -> MessageRef | None:
        """Deliver a message; a failed one is retried later and doesn't hold up the others."""
        workflow_id, key = snapshot.stored.head.id, announcement.key
        is_audit = announcement.is_for_channel
        try:
            return await self._deliver(delivery, announcement, snapshot, thread)
        except Unavailable as fault:
            log.warning("%s: %s not delivered: %s", workflow_id, key, fault)
            wait = fault.retry_after or SOON
            delivery.audit_waits = delivery.audit_waits or is_audit
        except RecipientUnreachable as fault:
            # Only audit messages get here. They are retried forever, as the bot may be added to the
            # team again.
            log.warning("%s: %s not delivered: %s", workflow_id, key, fault)
            wait = RETRY_AUDIT
            delivery.audit_waits = True
        except MessageRefused as fault:
            # Audit messages aren't dropped silently: the age of the outbox raises an alarm.
            log.warning("%s: %s was refused by Teams: %s", workflow_id, key, fault)
            wait = RETRY_AUDIT
        except Exception:
            # A bug in one message must not hold up the others.
            log.exception("%s: %s not delivered", workflow_id, key)
            wait = SOON
        delivery.waits.append(wait)
        delivery.put_off.add(key)
        return None

    async def _deliver(
        self,
        delivery: _Delivery,
        announcement: Announcement,
        snapshot: Snapshot,
        thread: MessageRef | None,
    ) -> MessageRef | None:
        head = snapshot.stored.head
        message = snapshot.messages.get(announcement.key)
        if message and message.ref:
            await self._record_posts(delivery)
            if await self._update(message.ref, announcement, head):
                delivery.shown.append(Shown(message, message.ref, announcement.revision))
                return message.ref
        claimed = await self._claim(delivery, announcement.key, message)
        if claimed is None:
            raise Unavailable("Teams", "another replica is posting this message")
        try:
            ref = await self._message_sender.post(announcement, head, thread)
        except Unavailable:
            await self._messages.release(head.id, claimed)
            raise
        except (RecipientUnreachable, MessageRefused) as fault:
            if announcement.is_for_channel:
                await self._messages.release(head.id, claimed)
                raise
            await self._give_up(claimed, announcement, snapshot, fault)
            return None
        delivery.shown.append(Shown(claimed, ref, announcement.revision))
        return ref

    async def _claim(
        self, delivery: _Delivery, key: str, message: Message | None
    ) -> Message | None:
        """Claim a message, and record what others show, in one transaction if possible."""
        workflow_id, now = delivery.claim.workflow_id, self._clock()
        if delivery.shown:
            shown = tuple(delivery.shown)
            if claimed := await self._messages.claim(workflow_id, key, message, now, shown):
                delivery.shown.clear()
                return claimed
            await self._record(delivery)
        return await self._messages.claim(workflow_id, key, message, now)

    async def _record_posts(self, delivery: _Delivery) -> None:
        """Record what was posted; what was updated can wait, as an update can be repeated."""
        if len(delivery.shown) >= _MOST_UNRECORDED or any(each.is_new for each in delivery.shown):
            await self._record(delivery)

    async def _record_or_retry(self, delivery: _Delivery) -> None:
        """Record what messages show; if that fails, have them delivered again soon."""
        try:
            await self._record(delivery)
        except Fault as fault:
            log.warning("%s: messages not recorded: %s", delivery.claim.workflow_id, fault)
            delivery.waits.append(SOON)

    async def _record(self, delivery: _Delivery) -> None:
        workflow_id = delivery.claim.workflow_id
        shown, delivery.shown = delivery.shown, []
        for each in await self._messages.record_all(workflow_id, shown):
            # Another replica also updated it, and our older content may have overwritten theirs.
            if not each.is_new:
                await self._messages.mark_stale(workflow_id, each.message.key, self._clock())

    async def _update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        """Update a message; False if it is gone and must be posted again."""
        try:
            await self._message_sender.update(ref, announcement, head)
        except (MessageGone, RecipientUnreachable) as fault:
            log.warning("%s: %s can't be updated: %s", head.id, announcement.key, fault)
            return not (announcement.opens and announcement.audience in _POSTED_AGAIN)
        except MessageRefused as fault:
            if announcement.is_for_channel:
                raise
            log.warning("%s: %s was refused by Teams: %s", head.id, announcement.key, fault)
        return True

    async def _give_up(
        self, message: Message, announcement: Announcement, snapshot: Snapshot, fault: Fault
    ) -> None:
        head = snapshot.stored.head
        log.error("%s: %s is undeliverable: %s", head.id, announcement.key, fault)
        if announcement.audience is Audience.APPROVER and announcement.person:
            await self._report(head.id, announcement.person)
        await self._messages.give_up(head.id, message)

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


def announcements_of(snapshot: Snapshot) -> list[Announcement]:
    """Derive every message; audit messages include their event's hash."""
    hashes = dict(enumerate(snapshot.hashes, start=1))
    return [
        replace(each, hash=hashes.get(each.revision, "")) if _is_evidence(each) else each
        for each in _derived(snapshot)
    ]


def _is_told_apart(announcement: Announcement, snapshot: Snapshot) -> bool:
    """Return whether the requester's own message about an event went somewhere else.

    Those who can't be reached in their own chat get that message where they asked, so the outcome
    isn't posted there a second time.
    """
    own = snapshot.messages.get(own_message_key(announcement.revision))
    if own is None:
        return False  # it comes first
    head = snapshot.stored.head
    asked_in = head.asked_in if isinstance(head, Request) else ""
    return own.undeliverable or (own.ref is not None and own.ref.conversation_id != asked_in)


def _is_evidence(announcement: Announcement) -> bool:
    return announcement.audience is Audience.AUDIT and announcement.subject is Subject.EVENT


def _derived(snapshot: Snapshot) -> tuple[Announcement, ...]:
    match snapshot.stored.head:
        case Request() as request:
            copied = copies(
                snapshot.messages, snapshot.events, former_approvers(request, snapshot.events)
            )
            return (*announcements(request, snapshot.events), *copied)
        case Rotation() as rotation:
            return rotation_announcements(rotation, snapshot.events)
        case Orphan():
            return orphan_announcements(snapshot.events)
        case Checkpoints():
            return checkpoint_announcements(snapshot.events)
        case Retention():
            return retention_announcements(snapshot.events)
        case PolicyFile():
            return policy_file_announcements(snapshot.events)
        case ScheduledRotation():
            return schedule_announcements(snapshot.events)
        case _:
            return ()  # reconciliation announces what it starts, not itself


def _audited(snapshot: Snapshot) -> int:
    """Return the last event in the audit channel; actors are indexed before it is posted."""
    numbers = [
        int(key.removeprefix(_AUDIT))
        for key, message in snapshot.messages.items()
        if key.startswith(_AUDIT) and message.ref
    ]
    return max(numbers, default=0)


def _thread(snapshot: Snapshot) -> MessageRef | None:
    """Find the thread for the next audit message: the root of the latest thread."""
    refs = [
        message.ref
        for key, message in sorted(snapshot.messages.items())
        if key.startswith(_AUDIT) and message.ref
    ]
    return next((ref for ref in refs if ref.conversation_id == refs[-1].conversation_id), None)


def _continued(thread: MessageRef | None, posted: MessageRef) -> MessageRef:
    """Return the thread to continue in, which is new if the message started one."""
    if thread and thread.conversation_id == posted.conversation_id:
        return thread
    return posted
