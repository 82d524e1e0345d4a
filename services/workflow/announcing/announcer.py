"""Delivers the announcements of a workflow's events, at least once each.

What goes to different recipients is sent at the same time, and then recorded in one transaction.
Nobody gets a second new message before the first one is recorded, so after a crash each of them
has at most one message twice.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import chain

from domain.announcement import Announcement
from services.clock import Clock
from services.faults import Fault, Unavailable
from services.storage.table import MOST_OPERATIONS, Operation
from services.workflow.announcing.announcer_claims import AnnouncerClaims
from services.workflow.announcing.delivery import Delivery
from services.workflow.announcing.message_sender import (
    MessageRefused,
    MessageSender,
    RecipientUnreachable,
)
from services.workflow.announcing.outbox_rows import OutboxRows
from services.workflow.announcing.outstanding import at_once, audited, is_posted, outstanding
from services.workflow.announcing.posting import WELL_BEFORE, Posting
from services.workflow.announcing.shown_messages import ShownMessages
from services.workflow.engine import Engine
from services.workflow.messages import (
    Message,
    Messages,
    can_claim,
    claimed,
    claiming,
    recording,
    releasing,
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
        self._posting = Posting(workflows, messages, engine, message_sender, clock)
        self._shown = ShownMessages(messages, clock)
        self._clock = clock
        self._claims = claims
        self._hands_over = False

    def hand_over(self) -> None:
        """Leave the messages after the present ones to other replicas."""
        self._hands_over = True

    async def forget(self, workflow_id: str, key: str) -> None:
        """Have a message updated by the next delivery, whatever it shows."""
        await self._messages.forget(workflow_id, key)

    async def begin(
        self, workflow_id: str, others: Sequence[Operation]
    ) -> tuple[Delivery, list[str]] | None:
        """Claim a workflow and its first message to each, and change other rows with that.

        Returns the delivery for ``deliver``, and the ETags of the others. None, and nothing is
        changed, if another replica announces the workflow, or if nothing is stored about it.
        """
        if self._shown.has_unrecorded(workflow_id):
            await self._shown.record(workflow_id, ())
        snapshot = await self._workflows.snapshot(workflow_id)
        if snapshot is None:
            return None
        now = self._clock()
        due = outstanding(snapshot)
        new = _new(at_once(due, snapshot), snapshot)
        free = [found for one in new if can_claim((found := _found(one, snapshot)).values(), now)]
        wanted = {key: message for found in free for key, message in found.items()}
        claims = [*claiming(workflow_id, wanted, now), *others]
        begun = await self._claims.claim_with(workflow_id, now, _updated(due, snapshot), claims)
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
        rows: OutboxRows | None = None,
    ) -> timedelta | None:
        """Deliver what is outstanding; returns the delay until a retry, if one is needed.

        Takes the delivery that ``begin`` returned, if it did. The ``rows`` that it is for are put
        off if a retry is needed, and removed otherwise. They say then which messages to update
        again, as an update that nobody answered may still come.
        """
        if delivery is None:
            claim = await self._claims.claim(workflow_id, self._clock())
            if claim is None:  # another replica is announcing this workflow
                if rows:
                    await rows.end(self._posting.take_unanswered(workflow_id), SOON)
                return SOON
            self._posting.note_unanswered(workflow_id, claim.interrupted)
            delivery = Delivery(claim, self._clock())
        try:
            await self._bring_up_to_date(delivery)
        except BaseException:
            await self._break_off(delivery)
            raise
        await self._end(delivery, rows)
        return delivery.wait

    async def _end(self, delivery: Delivery, rows: OutboxRows | None) -> None:
        """Record what messages show, end the rows, and release all claims.

        That is one transaction if possible. Otherwise the claim is released last, or expires: until
        the rows say which updates may still come, it does.
        """
        workflow_id, left = delivery.claim.workflow_id, list(delivery.claimed.values())
        unanswered = self._posting.take_unanswered(workflow_id) if rows else {}
        messages = [*recording(workflow_id, delivery.shown), *releasing(workflow_id, left)]
        others = [*messages, *chain(*(rows.ending(unanswered, delivery.wait) if rows else ()))]
        has_room = len(others) < MOST_OPERATIONS  # the claim is one, too
        try:
            if has_room and await self._claims.release_with(delivery.claim, others):
                return
        except Fault as fault:
            log.warning("%s: not recorded at once: %s", workflow_id, fault)
        await self._record_and_release(delivery)
        try:
            if rows:
                await rows.end(unanswered, delivery.wait)
        except Fault as fault:
            log.warning("%s: what is left wasn't recorded: %s", workflow_id, fault)
        else:
            await self._claims.release(delivery.claim)

    async def _break_off(self, delivery: Delivery) -> None:
        """Record what messages show, and release what a next delivery needn't know.

        A claim for updates expires instead, as one may be under way.
        """
        await self._record_and_release(delivery)
        if not delivery.claim.updates:
            await self._claims.release(delivery.claim)

    async def _record_and_release(self, delivery: Delivery) -> None:
        """Record what messages show, and release the claims on those that weren't posted."""
        await self._record_or_retry(delivery)
        if left := list(delivery.claimed.values()):
            await self._messages.release(delivery.claim.workflow_id, left)

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
        if self._shown.has_unrecorded(delivery.claim.workflow_id):
            return
        delivery.read_at = self._clock()
        delivery.snapshot = await self._workflows.snapshot(delivery.claim.workflow_id)

    async def _deliver_all(self, delivery: Delivery) -> bool:
        """Deliver each due message once; False if there was none, or if it is left to others."""
        sent = False
        while snapshot := delivery.snapshot:
            due = outstanding(snapshot, delivery.put_off, delivery.apart)
            due = [one for one in due if not delivery.has_to_wait(one)]
            lines = at_once(due, snapshot)
            if not lines:
                break
            if not await self._keep_claim(delivery, _updated(due, snapshot)):
                return False
            sent = True
            if not await self._prepare(delivery, _new(lines, snapshot), snapshot):
                return False
            if delivery.snapshot:
                await self._send_all(delivery, lines, snapshot)
        return sent

    async def _keep_claim(self, delivery: Delivery, updates: Collection[str]) -> bool:
        if self._hands_over:
            delivery.waits.append(timedelta())
            return False
        kept = await self._claims.keep(delivery.claim, self._clock(), updates)
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
            elif not delivery.holds(announcement, now + WELL_BEFORE):
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
        """Deliver a message; a failed one is retried later, and holds up nobody else's."""
        workflow_id, key = snapshot.stored.head.id, announcement.key
        can_be_apart = bool(announcement.earlier) and not is_posted(announcement, snapshot)
        try:
            await self._posting.deliver(delivery, announcement, snapshot)
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
        await self._shown.record(workflow_id, shown)


def _new(lines: Iterable[Sequence[Announcement]], snapshot: Snapshot) -> list[Announcement]:
    """Return the messages to post."""
    return [one for line in lines for one in line if not is_posted(one, snapshot)]


def _updated(due: Iterable[Announcement], snapshot: Snapshot) -> list[str]:
    """Return the keys of the messages to update."""
    return [one.key for one in due if is_posted(one, snapshot)]


def _found(announcement: Announcement, snapshot: Snapshot) -> dict[str, Message | None]:
    """Return a message as it was found, by the keys of its parts."""
    return {part.key: snapshot.messages.get(part.key) for part in announcement.parts}
