"""Which messages of a workflow must be posted or updated, and which of them are one message."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from domain.access.announcements import announcements, copies, own_message_key, reader_of
from domain.access.request import Request
from domain.access.transitions.approvers import former_approvers
from domain.announcement import (
    REQUESTER_CARD,
    Announcement,
    Audience,
    as_one,
    in_audit_channel,
)
from domain.checkpoints.announcements import checkpoint_announcements
from domain.checkpoints.checkpoints import Checkpoints
from domain.drill.announcements import drill_announcements
from domain.drill.drill import Drill
from domain.erasure.erasure import Erasure
from domain.policy_file.announcements import policy_file_announcements
from domain.policy_file.file import PolicyFile
from domain.reconciliation.announcements import orphan_announcements
from domain.reconciliation.orphan import Orphan
from domain.retention.announcements import retention_announcements
from domain.retention.retention import Retention
from domain.rotation.announcements import rotation_announcements
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation, schedule_announcements
from services.workflow.announcing.refreshing import refreshes_itself
from services.workflow.messages import Message, MessageRef
from services.workflow.workflows import Snapshot

_AUDIT = f"{Audience.AUDIT}-"
_MOST_IN_ONE = 4
"""Audit messages in one. Most take 2 KB and the largest 13, and Teams accepts 100 in a message."""
_MOST_RECIPIENTS = 5
"""How many get messages of a workflow at the same time.

Sixteen workflows are announced at once. Should Teams hang, they leave a fifth of the hundred
connections, aiohttp's default, to the answers that people wait for.
"""
_MOST_AT_ONCE = 20
"""Messages in one go: what they show is recorded in one transaction, of 100 operations at most."""


def outstanding(
    snapshot: Snapshot, put_off: Collection[str] = (), apart: Collection[str] = ()
) -> list[Announcement]:
    """Return the messages to post or update, except those with the keys of ``put_off``.

    Consecutive routine events that aren't in the audit channel yet become one message there, except
    those with the keys of ``apart``.
    """
    every = announcements_of(snapshot)
    due = [one for one in every if one.key not in put_off and _is_due(one, snapshot)]
    return [
        joined
        for is_new, those in groupby(due, key=lambda one: _joins(one, snapshot, apart))
        for joined in (_joined(list(those)) if is_new else _whole(those, every, snapshot))
    ]


def at_once(due: Iterable[Announcement], snapshot: Snapshot) -> list[list[Announcement]]:
    """Return the messages that can be sent at the same time: for each recipient, in their order.

    Each gets one new message, and what is behind a second one waits: a crash repeats at most one in
    each conversation.
    """
    lines: dict[str, list[Announcement]] = {}
    posts: set[str] = set()
    wait: set[str] = set()
    size = 0
    for one in due:
        to = _recipient(one)
        is_new = not is_posted(one, snapshot)
        if (is_new and to in posts) or (to not in lines and len(lines) == _MOST_RECIPIENTS):
            wait.add(to)
        if to in wait:
            continue
        size += len(one.parts)
        if lines and size > _MOST_AT_ONCE:
            break
        lines.setdefault(to, []).append(one)
        if is_new:
            posts.add(to)
    return list(lines.values())


def announcements_of(snapshot: Snapshot) -> list[Announcement]:
    """Derive every message; audit messages include their event's hash."""
    hashes = dict(enumerate(snapshot.hashes, start=1))
    return [
        replace(each, hash=hashes.get(each.revision, "")) if _is_evidence(each) else each
        for each in _derived(snapshot)
    ]


def is_posted(announcement: Announcement, snapshot: Snapshot) -> bool:
    """Return whether a message exists, so that it's updated instead of posted."""
    return _ref_of(announcement, snapshot) is not None


def audited(snapshot: Snapshot) -> int:
    """Return the last event in the audit channel; older versions index its actor before."""
    numbers = [
        int(key.removeprefix(_AUDIT))
        for key, message in snapshot.messages.items()
        if key.startswith(_AUDIT) and message.ref
    ]
    return max(numbers, default=0)


def thread_of(snapshot: Snapshot) -> MessageRef | None:
    """Find the thread for the next audit message: the root of the latest thread."""
    refs = [
        message.ref
        for key, message in sorted(snapshot.messages.items())
        if key.startswith(_AUDIT) and message.ref
    ]
    return next((ref for ref in refs if ref.conversation_id == refs[-1].conversation_id), None)


def _recipient(announcement: Announcement) -> str:
    """Return who gets a message: the channel with the audit trail, or a person.

    The outcome where a request was made follows its requester's own message, in their line.
    """
    return "" if announcement.is_for_channel else reader_of(announcement)


def _joins(announcement: Announcement, snapshot: Snapshot, apart: Collection[str]) -> bool:
    is_whole = announcement.key not in apart
    return announcement.is_routine and is_whole and not is_posted(announcement, snapshot)


def _joined(those: Sequence[Announcement]) -> Iterator[Announcement]:
    for at in range(0, len(those), _MOST_IN_ONE):
        yield as_one(those[at : at + _MOST_IN_ONE])


def _whole(
    due: Iterable[Announcement], every: Sequence[Announcement], snapshot: Snapshot
) -> Iterator[Announcement]:
    """Return messages with all that they consist of, also if only a part must be updated."""
    done: set[str] = set()
    for one in due:
        if one.key in done:
            continue
        ref = _ref_of(one, snapshot) if one.is_routine else None
        parts = [each for each in every if ref and _ref_of(each, snapshot) == ref] or [one]
        done.update(part.key for part in parts)
        yield as_one(parts)


def _ref_of(announcement: Announcement, snapshot: Snapshot) -> MessageRef | None:
    message = snapshot.messages.get(announcement.key)
    return message.ref if message else None


def _is_due(announcement: Announcement, snapshot: Snapshot) -> bool:
    """Return whether a message must be posted or updated."""
    message = snapshot.messages.get(announcement.key)
    if message and message.undeliverable:
        return False
    if announcement.audience is Audience.ASKED_IN and not _is_told_apart(announcement, snapshot):
        return False
    if message and message.ref:
        return message.revision < _revision_due(announcement, message, message.ref, snapshot)
    is_owed = announcement.key == REQUESTER_CARD and message is not None
    return announcement.opens or is_owed


def _revision_due(
    announcement: Announcement, message: Message, ref: MessageRef, snapshot: Snapshot
) -> int:
    """Return the last event that a message has to show where it is."""
    due = announcement.revision_if_refreshed
    if due is None or not refreshes_itself(ref):
        return announcement.revision
    unseen = range(message.revision + 1, announcement.revision + 1)
    if announcement.key == REQUESTER_CARD and any(_is_lost(number, snapshot) for number in unseen):
        return announcement.revision
    return due


def _is_lost(number: int, snapshot: Snapshot) -> bool:
    """Return whether the requester's own message for an event can't be delivered."""
    own = snapshot.messages.get(own_message_key(number))
    return own is not None and own.undeliverable


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
    return announcement.audience is Audience.AUDIT and announcement.event is not None


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
        case Drill() as drill:
            return drill_announcements(drill, snapshot.events)
        case Checkpoints():
            return checkpoint_announcements(snapshot.events)
        case Retention():
            return retention_announcements(snapshot.events)
        case Erasure():
            return in_audit_channel(snapshot.events)
        case PolicyFile():
            return policy_file_announcements(snapshot.events)
        case ScheduledRotation():
            return schedule_announcements(snapshot.events)
        case _:
            return ()  # reconciliation and drills announce what they start, not themselves
