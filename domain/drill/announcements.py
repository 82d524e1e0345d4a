"""The messages about a drill: its card for who asked, and for the audit channel what is news."""

from collections.abc import Sequence

from domain.access.request import AccessEvent
from domain.announcement import REQUESTER_CARD, Announcement, Audience, Subject, event_announcement
from domain.drill.drill import Drill, DrillEvent
from domain.workflow import Event

_ALWAYS = frozenset({AccessEvent.STUCK, AccessEvent.RETRIED, AccessEvent.CLOSED, DrillEvent.FAILED})


def drill_announcements(drill: Drill, events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive every message about a drill.

    A scheduled one that succeeds is none, unless the one before it failed: it is in the history
    and in exports.
    """
    audit = tuple(
        event_announcement(Audience.AUDIT, number, event)
        for number, event in enumerate(events, start=1)
        if is_announced(drill, event)
    )
    if drill.asked_by is None:
        return audit
    own = Announcement(
        key=REQUESTER_CARD,
        audience=Audience.REQUESTER,
        subject=Subject.WORKFLOW,
        revision=len(events),
        opens=False,
        person=drill.asked_by.as_person(),
    )
    return (own, *audit)


def is_announced(drill: Drill, event: Event) -> bool:
    """Return whether the audit channel gets a message about an event."""
    if event.kind == DrillEvent.BEGUN:
        return drill.asked_by is not None
    if event.kind == DrillEvent.SUCCEEDED:
        return drill.asked_by is not None or drill.after_failure
    return event.kind in _ALWAYS
