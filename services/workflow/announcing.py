"""Delivers the announcements of a workflow's events, at least once each.

What goes to different recipients is sent at the same time, and then recorded in one transaction.
Nobody gets a second new message before the first one is recorded, so after a crash each of them
has at most one message twice.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from domain.access.changes import report_unreachable
from domain.access.request import AccessEvent, Request
from domain.announcement import Announcement, Audience
from domain.people import Person
from domain.unknown_outcome import TEAMS_LIFE
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.storage.table import Operation
from services.workflow.agenda import CLAIM
from services.workflow.announcer_claims import AnnouncerClaims
from services.workflow.codec import Head
from services.workflow.delivery import Delivery
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
    at_once,
    audited,
    is_posted,
    outstanding,
    thread_of,
)
from services.workflow.ownership import owned_until
from services.workflow.workflows import Snapshot, Workflows

log = logging.getLogger(__name__)

SOON = timedelta(seconds=2)
RETRY_AUDIT = timedelta(seconds=30)

_SLOW = timedelta(seconds=1)
"""After a delivery that took this long, what happened meanwhile is looked up and delivered, too.

After a faster one, it is delivered by itself: each event has an outbox row of its own. What was
posted isn't left unrecorded for longer, either, while others are still being sent.
"""

_MOST_ROUNDS = 5
_MOST_UNRECORDED = 20  # a transaction has at most 100 operations
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

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        """Update an existing message with the announcement's current content.

        Returns whether each attempt was answered; one that wasn't may still come, over later ones.
        Raises MessageGone in addition to what ``post`` raises.
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
        self._unrecorded: dict[str, list[Shown]] = {}
        """What was sent here and couldn't be recorded, by workflow; it must not be sent again."""
        self._unanswered: dict[str, dict[str, datetime]] = {}
        """Failed updates that may still come, by workflow and message, and until when."""

    def hand_over(self) -> None:
        """Leave the messages after the present ones to other replicas."""
        self._hands_over = True

    async def begin(
        self, workflow_id: str, others: Sequence[Operation]
    ) -> tuple[Delivery, list[str]] | None:
        """Claim a workflow and its first message to each, and change other rows with that.

        Returns the delivery for ``deliver``, and the ETags of the others. None, and nothing is
        changed, if another replica announces the workflow, or if nothing is stored about it.
        """
        if workflow_id in self._unrecorded:
            await self._record_shown(workflow_id, ())
        snapshot = await self._workflows.snapshot(workflow_id)
        if snapshot is None:
            return None
        now = self._clock()
        new = _new(at_once(outstanding(snapshot), snapshot), snapshot)
        free = [found for one in new if can_claim((found := _found(one, snapshot)).values(), now)]
        wanted = {key: message for found in free for key, message in found.items()}
        claims = [*claiming(workflow_id, wanted, now), *others]
        begun = await self._claims.claim_with(workflow_id, now, claims)
        if begun is None:
            return None
        claim, etags = begun
        delivery = Delivery(claim, now, snapshot)
        delivery.hold(claimed(wanted, now, etags))
        return delivery, etags[len(wanted) :]

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
            delivery = Delivery(claim, self._clock())
        is_done = False
        try:
            await self._bring_up_to_date(delivery)
            is_done = not delivery.waits
            if is_done:
                self._unanswered.pop(workflow_id, None)
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
            if not await self._deliver_all(delivery):
                return
            if delivery.snapshot and self._clock() - delivery.read_at < _SLOW:
                return
            delivery.snapshot = None
        delivery.waits.append(SOON)

    async def _read(self, delivery: Delivery) -> None:
        """Read the workflow, and what its messages show, which is recorded before."""
        await self._record_or_retry(delivery)
        if delivery.claim.workflow_id in self._unrecorded:
            return
        delivery.read_at = self._clock()
        delivery.snapshot = await self._workflows.snapshot(delivery.claim.workflow_id)

    async def _deliver_all(self, delivery: Delivery) -> bool:
        """Deliver each due message once; False if there was none, or if it is left to others."""
        sent = False
        while snapshot := delivery.snapshot:
            due = outstanding(snapshot, delivery.put_off, delivery.apart)
            if delivery.audit_waits:
                due = [one for one in due if not one.is_for_channel]
            lines = at_once(due, snapshot)
            if not lines:
                break
            if not await self._keep_claim(delivery):
                return False
            sent = True
            if not await self._prepare(delivery, _new(lines, snapshot), snapshot):
                return False
            if delivery.snapshot:
                await self._send_all(delivery, lines, snapshot)
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

    async def _prepare(
        self, delivery: Delivery, new: Sequence[Announcement], snapshot: Snapshot
    ) -> bool:
        """Claim new messages, and record what others show; False if the table is away.

        Puts off those that another replica is posting. Has the workflow read again if another one
        was first with a row.
        """
        workflow_id, now = delivery.claim.workflow_id, self._clock()
        wanted: dict[str, Message | None] = {}
        for announcement in new:
            found = delivery.with_held(_found(announcement, snapshot))
            if not can_claim(found.values(), now):
                log.warning("%s: %s is being posted already", workflow_id, announcement.key)
                delivery.put_off_for(SOON, announcement)
            elif not delivery.holds(announcement, now + _WELL_BEFORE):
                wanted |= found
        try:
            if not wanted:
                await self._record_posts(delivery)
                return True
            mine = await self._messages.claim(workflow_id, wanted, now, tuple(delivery.shown))
        except Fault as fault:
            log.warning("%s: messages not claimed: %s", workflow_id, fault)
            delivery.waits.append(fault.retry_after or SOON)
            return False
        if mine is None:
            delivery.snapshot = None
            return True
        delivery.shown.clear()
        delivery.hold(mine)
        return True

    async def _send_all(
        self, delivery: Delivery, lines: Sequence[Sequence[Announcement]], snapshot: Snapshot
    ) -> None:
        """Send at the same time what is for different recipients.

        If some take long, what was posted is recorded meanwhile, and the claim is renewed.
        """
        sending = asyncio.gather(*(self._send(delivery, line, snapshot) for line in lines))
        try:
            while not sending.done():
                await asyncio.wait([sending], timeout=_SLOW.total_seconds())
                if not sending.done():
                    await self._renew(delivery)
                    if delivery.has_posted:
                        await self._record_or_retry(delivery)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    async def _renew(self, delivery: Delivery) -> None:
        """Renew the claim while messages are being sent; no others follow once it has run out."""
        try:
            kept = await self._claims.keep(delivery.claim, self._clock())
        except Fault as fault:
            log.warning("%s: the claim wasn't renewed: %s", delivery.claim.workflow_id, fault)
        else:
            delivery.claim = kept or delivery.claim

    async def _send(
        self, delivery: Delivery, line: Sequence[Announcement], snapshot: Snapshot
    ) -> None:
        """Send what is for one recipient, one after the other."""
        for announcement in line:
            if self._hands_over or self._clock() >= delivery.claim.until:
                return
            if announcement.is_for_channel and delivery.audit_waits:
                return  # audit messages go out in order, in one thread
            if announcement.key not in delivery.put_off:
                with owned_until(delivery.claim.until, self._clock):
                    await self._try(delivery, announcement, snapshot)

    async def _try(
        self, delivery: Delivery, announcement: Announcement, snapshot: Snapshot
    ) -> None:
        """Deliver a message; a failed one is retried later and doesn't hold up the others."""
        workflow_id, key = snapshot.stored.head.id, announcement.key
        can_be_apart = bool(announcement.earlier) and not is_posted(announcement, snapshot)
        try:
            await self._deliver(delivery, announcement, snapshot)
        except Unavailable as fault:
            log.warning("%s: %s not delivered: %s", workflow_id, key, fault)
            delivery.put_off_for(fault.retry_after or SOON, announcement)
        except RecipientUnreachable as fault:
            # Only audit messages get here. They are retried forever, as the bot may be added to the
            # team again.
            log.warning("%s: %s not delivered: %s", workflow_id, key, fault)
            delivery.put_off_for(RETRY_AUDIT, announcement)
        except MessageRefused as fault:
            # Audit messages aren't dropped silently: the age of the outbox raises an alarm.
            log.warning("%s: %s was refused by Teams: %s", workflow_id, key, fault)
            if can_be_apart:
                delivery.take_apart(announcement)
            else:
                delivery.put_off_alone_for(RETRY_AUDIT, announcement)
        except Exception:
            # A bug in one message must not hold up the others.
            log.exception("%s: %s not delivered", workflow_id, key)
            if can_be_apart:
                delivery.take_apart(announcement)
            else:
                delivery.put_off_alone_for(SOON, announcement)

    async def _deliver(
        self, delivery: Delivery, announcement: Announcement, snapshot: Snapshot
    ) -> None:
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
        if can_claim(mine, now + _WELL_BEFORE):
            wanted = {one.key: replace(one, claimed_until=None) for one in mine}
            renewed = await self._messages.claim(delivery.claim.workflow_id, wanted, now)
            if renewed is None:
                raise Unavailable("Teams", "another replica is posting this message")
            return renewed
        return mine

    async def _record_posts(self, delivery: Delivery) -> None:
        """Record what was posted; what was updated can wait, as an update can be repeated."""
        if len(delivery.shown) >= _MOST_UNRECORDED or delivery.has_posted:
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
            if not await self._message_sender.update(ref, announcement, head):
                await self._update_again(head.id, announcement)
        except Unavailable as fault:
            if fault.outcome_unknown:
                self._unanswered.setdefault(head.id, {})[announcement.key] = (
                    self._clock() + TEAMS_LIFE
                )
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

    def take_unanswered(self, workflow_id: str) -> Mapping[str, datetime]:
        """Return the updates of a failed delivery that may still come, and until when.

        Whoever tries the delivery again has to have them in mind.
        """
        return self._unanswered.pop(workflow_id, {})

    async def forget(self, workflow_id: str, key: str) -> None:
        """Have a message updated by the next delivery, whatever it shows."""
        await self._messages.forget(workflow_id, key)

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


def _new(lines: Iterable[Sequence[Announcement]], snapshot: Snapshot) -> list[Announcement]:
    """Return the messages to post."""
    return [one for line in lines for one in line if not is_posted(one, snapshot)]


def _found(announcement: Announcement, snapshot: Snapshot) -> dict[str, Message | None]:
    """Return a message as it was found, by the keys of its parts."""
    return {part.key: snapshot.messages.get(part.key) for part in announcement.parts}


def _shown(announcement: Announcement, messages: Sequence[Message], ref: MessageRef) -> list[Shown]:
    return [
        Shown(message, ref, part.revision)
        for part, message in zip(announcement.parts, messages, strict=True)
    ]
