"""Derive the messages about the policy file from its events."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.announcement import Announcement, Audience, Subject
from domain.people import Person
from domain.policy_file.file import PolicyFileEvent
from domain.workflow import Event, Fact

_ENDS = frozenset({PolicyFileEvent.ACCEPTED, PolicyFileEvent.REJECTED, PolicyFileEvent.WITHDRAWN})


def policy_file_announcements(events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive a new message for each change; a reply in an old thread would be missed.

    What waits for an admin is also in the admins' chats. Both messages show how the wait ended.
    """
    return tuple(
        announcement
        for number, event in enumerate(events, start=1)
        for announcement in _of(number, event, events[number:])
    )


def _of(number: int, event: Event, later: Sequence[Event]) -> Iterator[Announcement]:
    revision = number
    if is_open := event.kind == PolicyFileEvent.WAITS:
        after = next((at for at, one in enumerate(later, start=1) if one.kind in _ENDS), 0)
        is_open = after == 0
        revision += after
        event = event if is_open else _ended(event, later[after - 1])
    yield Announcement(
        key=f"policy-{number:06d}",
        audience=Audience.AUDIT,
        subject=Subject.WORKFLOW,
        revision=revision,
        event=event,
    )
    for object_id in str(event.facts.get("asked_ids") or "").split():
        yield Announcement(
            key=f"admin-{number:06d}-{object_id}",
            audience=Audience.ADMIN,
            subject=Subject.WORKFLOW,
            revision=revision,
            opens=is_open,
            event=event,
            person=Person(object_id, object_id),
        )


def _ended(waits: Event, end: Event) -> Event:
    """Return the event of a wait with how it ended."""
    ended: dict[str, Fact] = {
        **waits.facts,
        "ended": str(end.kind),
        "ended_by": end.actor.name if end.actor else "",
    }
    return replace(waits, facts=ended)
