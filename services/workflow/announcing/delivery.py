"""One replica's delivery of a workflow's messages: what it claimed, sent, and put off."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.access.announcements import reader_of
from domain.announcement import Announcement
from services.workflow.announcing.announcer_claims import AnnouncerClaim
from services.workflow.announcing.outstanding import is_posted
from services.workflow.messages import Message, Shown, can_claim
from services.workflow.workflows import Snapshot


@dataclass(slots=True)
class Delivery:
    """One replica's work on a workflow's messages, under its claim."""

    claim: AnnouncerClaim
    read_at: datetime
    """When the workflow was read, or its claim was taken."""
    snapshot: Snapshot | None = None
    """The workflow as it was read, with what its messages show by now; None to read it again."""
    claimed: dict[str, Message] = field(default_factory=dict)
    """Messages that were claimed, and not posted yet."""
    waits: list[timedelta] = field(default_factory=list)
    """Retry delays, one for each undelivered message."""
    put_off: set[str] = field(default_factory=set)
    """The keys of those messages, which aren't retried in this delivery."""
    apart: set[str] = field(default_factory=set)
    """The keys of messages that couldn't be sent as parts of one."""
    audit_waits: bool = False
    waiting: set[str] = field(default_factory=set)
    """The object IDs of those whose next message can't be posted yet, so that others follow it."""
    shown: list[Shown] = field(default_factory=list)
    """What messages show since their last record; written with the next claims, or at the end."""

    @property
    def wait(self) -> timedelta | None:
        """Return the delay until a retry, if one is needed."""
        return max(self.waits, default=None)

    @property
    def has_posted(self) -> bool:
        """Return whether a crash would now repeat a message."""
        return any(each.is_new for each in self.shown)

    def hold(self, messages: Sequence[Message]) -> None:
        """Keep claims on messages that aren't posted yet; they are released at the end."""
        self.claimed.update((one.key, one) for one in messages)

    def holds(self, announcement: Announcement, until: datetime) -> bool:
        """Return whether all of a message is claimed until then."""
        held = [self.claimed.get(part.key) for part in announcement.parts]
        return all(one is not None and not can_claim([one], until) for one in held)

    def with_held(self, found: Mapping[str, Message | None]) -> dict[str, Message | None]:
        """Return messages as they were found, but those that are claimed here as free to claim."""
        return {
            key: replace(mine, claimed_until=None) if (mine := self.claimed.get(key)) else one
            for key, one in found.items()
        }

    def take(self, announcement: Announcement) -> list[Message]:
        """Return the claims on a message, which is being posted, and forget them."""
        return [self.claimed.pop(part.key) for part in announcement.parts]

    def show(self, shown: Sequence[Shown]) -> None:
        """Note what messages show now."""
        self.shown += shown
        self._now(
            Message(each.message.key, each.revision, each.ref, False, None, each.message.etag)
            for each in shown
        )

    def lose(self, messages: Sequence[Message]) -> None:
        """Note that messages no longer exist, so that they are posted again."""
        self._now(replace(one, ref=None) for one in messages)

    def put_off_for(self, wait: timedelta, announcement: Announcement) -> None:
        """Retry a message later; what follows it in its conversation waits, too.

        Otherwise the last message that people get would say that access was granted, after one
        that says it ended. An update is the notification of nothing, so nothing waits for it.
        """
        self.put_off_alone_for(wait, announcement)
        if announcement.is_for_channel:
            self.audit_waits = True
        elif not self._is_posted(announcement):
            self.waiting.add(reader_of(announcement))

    def has_to_wait(self, announcement: Announcement) -> bool:
        """Return whether a message follows one that was put off."""
        if announcement.is_for_channel:
            return self.audit_waits
        return reader_of(announcement) in self.waiting and not self._is_posted(announcement)

    def put_off_alone_for(self, wait: timedelta, announcement: Announcement) -> None:
        """Retry a message later, and let others pass."""
        self.waits.append(wait)
        self.put_off.update(part.key for part in announcement.parts)

    def take_apart(self, announcement: Announcement) -> None:
        """Send each part by itself, so that one that can't be sent holds up no other."""
        self.apart.update(part.key for part in announcement.parts)

    def _is_posted(self, announcement: Announcement) -> bool:
        return self.snapshot is not None and is_posted(announcement, self.snapshot)

    def _now(self, messages: Iterable[Message]) -> None:
        if self.snapshot:
            now = {one.key: one for one in messages}
            self.snapshot = replace(self.snapshot, messages={**self.snapshot.messages, **now})
