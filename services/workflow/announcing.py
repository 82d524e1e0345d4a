"""Delivers the announcements of a workflow's events, at least once each."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from domain.access.changes import report_unreachable
from domain.access.request import AccessEvent, Request
from domain.announcement import Announcement, Audience
from domain.people import Person
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.storage.table import Operation
from services.workflow.agenda import CLAIM
from services.workflow.announcer_claims import AnnouncerClaim, AnnouncerClaims
from services.workflow.codec import Head
from services.workflow.engine import Engine
from services.workflow.messages import (
    Message,
    MessageRef,
    Messages,
    Shown,
    can_claim,
    claimed,
    claiming,
    recording,
    releasing,
)
from services.workflow.outstanding import (
    audited,
    is_posted,
    outstanding,
    thread_after,
    thread_of,
)
from services.workflow.ownership import owned_until
from services.workflow.workflows import Snapshot, Workflows

log = logging.getLogger(__name__)

SOON = timedelta(seconds=2)
RETRY_AUDIT = timedelta(seconds=30)

_SLOW = timedelta(seconds=1)
"""After a delivery that took this long, what happened meanwhile is looked up and delivered, too.

After a faster one, it is delivered by itself: each event has an outbox row of its own.
"""

_MOST_ROUNDS = 5
_MOST_UNRECORDED = 30  # a transaction has at most 100 operations
_WELL_BEFORE = CLAIM / 4
"""With less time left than this, the claim on a message is renewed before it is posted."""
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
class Delivery:
    """One replica's work on a workflow's messages, under its claim."""

    claim: AnnouncerClaim
    snapshot: Snapshot | None = None
    """The workflow as it was read, with what its messages show by now; None to read it again."""
    read_at: datetime | None = None
    claimed: dict[str, Message] = field(default_factory=dict)
    """Messages that were claimed together with the workflow, and not posted yet."""
    waits: list[timedelta] = field(default_factory=list)
    """Retry delays, one for each undelivered message."""
    put_off: set[str] = field(default_factory=set)
    """The keys of those messages, which aren't retried in this delivery."""
    audit_waits: bool = False
    shown: list[Shown] = field(default_factory=list)
    """What messages show since their last record; written with the next claim, or at the end.

    What was posted is recorded before anything else is sent: a crash must not repeat two posts.
    """

    def hold(self, messages: Sequence[Message]) -> None:
        """Keep claims on messages that weren't posted; they are released at the end."""
        self.claimed.update((one.key, one) for one in messages)

    def let_go(self, messages: Sequence[Message]) -> None:
        """Forget claims, as the messages are being posted."""
        for one in messages:
            self.claimed.pop(one.key, None)

    def show(self, shown: Sequence[Shown]) -> None:
        """Note what messages show now."""
        self.shown += shown
        if self.snapshot:
            now = {
                each.message.key: Message(
                    each.message.key, each.revision, each.ref, False, None, each.message.etag
                )
                for each in shown
            }
            self.snapshot = replace(self.snapshot, messages={**self.snapshot.messages, **now})


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
        self._unrecorded: dict[str, list[Shown]] = {}
        """What was sent here and couldn't be recorded, by workflow; it must not be sent again."""

    def hand_over(self) -> None:
        """Leave the messages after the present ones to other replicas."""
        self._hands_over = True

    async def begin(
        self, workflow_id: str, others: Sequence[Operation]
    ) -> tuple[Delivery, list[str]] | None:
        """Claim a workflow and its first message, and change other rows with that, or nothing.

        Returns the delivery for ``deliver``, and the ETags of the others. None if another replica
        announces the workflow, or if nothing is stored about it.
        """
        if workflow_id in self._unrecorded:
            await self._record_shown(workflow_id, ())
        snapshot = await self._workflows.snapshot(workflow_id)
        if snapshot is None:
            return None
        now = self._clock()
        wanted = _first_to_post(snapshot, now)
        claims = [*claiming(workflow_id, wanted, now), *others]
        begun = await self._claims.claim_with(workflow_id, now, claims)
        if begun is None:
            return None
        claim, etags = begun
        first = {one.key: one for one in claimed(wanted, now, etags)}
        return Delivery(claim, snapshot, now, first), etags[len(first) :]

    async def deliver(
        self,
        workflow_id: str,
        delivery: Delivery | None = None,
        removals: Sequence[Operation] = (),
    ) -> timedelta | None:
        """Deliver what is outstanding; returns the delay until a retry, if one is needed.

        Takes the delivery that ``begin`` returned, if it did. The ``removals`` of rows happen when
        its claim is released, if no retry is needed.
        """
        if delivery is None:
            claim = await self._claims.claim(workflow_id, self._clock())
            if claim is None:
                return SOON  # another replica is announcing this workflow
            delivery = Delivery(claim)
        is_done = False
        try:
            await self._bring_up_to_date(delivery)
            is_done = not delivery.waits
        finally:
            await self._end(delivery, removals if is_done else ())
        return max(delivery.waits, default=None)

    async def _end(self, delivery: Delivery, removals: Sequence[Operation]) -> None:
        """Record what messages show and release all claims, in one transaction if possible."""
        workflow_id, left = delivery.claim.workflow_id, list(delivery.claimed.values())
        rows = [*recording(workflow_id, delivery.shown), *releasing(workflow_id, left)]
        try:
            if await self._claims.release_with(delivery.claim, [*rows, *removals]):
                return
        except Fault as fault:
            log.warning("%s: not recorded at once: %s", workflow_id, fault)
        await self._record_or_retry(delivery)
        if left:
            await self._messages.release(workflow_id, left)
        await self._claims.release(delivery.claim, () if delivery.waits else removals)

    async def _bring_up_to_date(self, delivery: Delivery) -> None:
        """Deliver until nothing is outstanding, with what was recorded during a slow delivery."""
        indexed = 0
        for _ in range(_MOST_ROUNDS):
            if delivery.snapshot is None:
                await self._read(delivery)
            snapshot = delivery.snapshot
            if snapshot is None:
                return
            indexed = max(indexed, audited(snapshot))
            if indexed < len(snapshot.events):
                await self._workflows.index_actors(snapshot, indexed)
                indexed = len(snapshot.events)
            if not await self._deliver_all(delivery, snapshot):
                return
            if delivery.read_at is None or self._clock() - delivery.read_at >= _SLOW:
                delivery.snapshot = None
        delivery.waits.append(SOON)

    async def _read(self, delivery: Delivery) -> None:
        """Read the workflow, and what its messages show, which is recorded before."""
        await self._record_or_retry(delivery)
        if delivery.claim.workflow_id in self._unrecorded:
            return
        delivery.read_at = self._clock()
        delivery.snapshot = await self._workflows.snapshot(delivery.claim.workflow_id)

    async def _deliver_all(self, delivery: Delivery, snapshot: Snapshot) -> bool:
        """Deliver each due message once; returns whether to check again."""
        thread = thread_of(snapshot)
        sent = False
        for announcement in outstanding(snapshot, delivery.put_off):
            if delivery.audit_waits and announcement.is_for_channel:
                continue  # audit messages go out in order, in one thread
            if not await self._keep_claim(delivery):
                return False
            sent = True
            with owned_until(delivery.claim.until, self._clock):
                thread = await self._try(delivery, announcement, snapshot, thread)
        return sent

    async def _keep_claim(self, delivery: Delivery) -> bool:
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
        delivery: Delivery,
        announcement: Announcement,
        snapshot: Snapshot,
        thread: MessageRef | None,
    ) -> MessageRef | None:
        """Deliver a message, and return the thread in which the next audit message goes.

        A failed message is retried later and doesn't hold up the others.
        """
        workflow_id, key = snapshot.stored.head.id, announcement.key
        is_audit = announcement.is_for_channel
        try:
            ref = await self._deliver(delivery, announcement, snapshot, thread)
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
            if announcement.earlier:
                return await self._try_apart(delivery, announcement, snapshot, thread)
            wait = RETRY_AUDIT
        except Exception:
            # A bug in one message must not hold up the others.
            log.exception("%s: %s not delivered", workflow_id, key)
            if announcement.earlier:
                return await self._try_apart(delivery, announcement, snapshot, thread)
            wait = SOON
        else:
            return thread_after(thread, announcement, ref) if ref else thread
        delivery.waits.append(wait)
        delivery.put_off.update(part.key for part in announcement.parts)
        return thread

    async def _try_apart(
        self,
        delivery: Delivery,
        announcement: Announcement,
        snapshot: Snapshot,
        thread: MessageRef | None,
    ) -> MessageRef | None:
        """Deliver each part by itself, so that one that can't be sent holds up no other."""
        for part in announcement.parts:
            if not delivery.audit_waits:
                thread = await self._try(delivery, part, snapshot, thread)
        return thread

    async def _deliver(
        self,
        delivery: Delivery,
        announcement: Announcement,
        snapshot: Snapshot,
        thread: MessageRef | None,
    ) -> MessageRef | None:
        head = snapshot.stored.head
        message = snapshot.messages.get(announcement.key)
        if message and message.ref:
            await self._record_posts(delivery)
            if await self._update(message.ref, announcement, head):
                found = [snapshot.messages[part.key] for part in announcement.parts]
                delivery.show(_shown(announcement, found, message.ref))
                return message.ref
        mine = await self._claim(delivery, announcement, snapshot)
        try:
            ref = await self._message_sender.post(announcement, head, thread)
        except (RecipientUnreachable, MessageRefused) as fault:
            if announcement.is_for_channel:
                delivery.hold(mine)
                raise
            await self._give_up(delivery, mine, announcement, snapshot, fault)
            return None
        except Exception:
            delivery.hold(mine)
            raise
        delivery.show(_shown(announcement, mine, ref))
        return ref

    async def _claim(
        self, delivery: Delivery, announcement: Announcement, snapshot: Snapshot
    ) -> Sequence[Message]:
        """Claim a message, and record what others show, in one transaction if possible."""
        workflow_id, now = delivery.claim.workflow_id, self._clock()
        wanted = {part.key: snapshot.messages.get(part.key) for part in announcement.parts}
        held = [one for key in wanted if (one := delivery.claimed.get(key))]
        if len(held) == len(wanted) and not can_claim(held, now + _WELL_BEFORE):
            await self._record_posts(delivery)
            delivery.let_go(held)
            return held
        wanted |= {one.key: replace(one, claimed_until=None) for one in held}
        mine = None
        if delivery.shown:
            mine = await self._messages.claim(workflow_id, wanted, now, tuple(delivery.shown))
            if mine is None:
                await self._record(delivery)
            else:
                delivery.shown.clear()
        mine = mine or await self._messages.claim(workflow_id, wanted, now)
        if mine is None:
            raise Unavailable("Teams", "another replica is posting this message")
        delivery.let_go(held)
        return mine

    async def _record_posts(self, delivery: Delivery) -> None:
        """Record what was posted; what was updated can wait, as an update can be repeated."""
        if len(delivery.shown) >= _MOST_UNRECORDED or any(each.is_new for each in delivery.shown):
            await self._record(delivery)

    async def _record_or_retry(self, delivery: Delivery) -> None:
        """Record what messages show; if that fails, have them delivered again soon."""
        try:
            await self._record(delivery)
        except Fault as fault:
            log.warning("%s: messages not recorded: %s", delivery.claim.workflow_id, fault)
            delivery.waits.append(SOON)

    async def _record(self, delivery: Delivery) -> None:
        workflow_id = delivery.claim.workflow_id
        shown, delivery.shown = delivery.shown, []
        await self._record_shown(workflow_id, shown)

    async def _record_shown(self, workflow_id: str, shown: Sequence[Shown]) -> None:
        """Record what messages show, with what couldn't be recorded before."""
        before = self._unrecorded.pop(workflow_id, [])
        latest = list({each.message.key: each for each in (*before, *shown)}.values())
        try:
            lost = await self._messages.record_all(workflow_id, latest)
        except Fault:
            self._unrecorded[workflow_id] = latest
            raise
        for each in lost:
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


def _first_to_post(snapshot: Snapshot, now: datetime) -> Mapping[str, Message | None]:
    """Return the first message to post, by the keys of its parts, each as it was found."""
    new = (one for one in outstanding(snapshot) if not is_posted(one, snapshot))
    parts = first.parts if (first := next(new, None)) else ()
    wanted = {part.key: snapshot.messages.get(part.key) for part in parts}
    return wanted if can_claim(wanted.values(), now) else {}


def _shown(announcement: Announcement, messages: Sequence[Message], ref: MessageRef) -> list[Shown]:
    return [
        Shown(message, ref, part.revision)
        for part, message in zip(announcement.parts, messages, strict=True)
    ]
