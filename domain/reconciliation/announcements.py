"""The messages about an orphan; they only go to the audit channel."""

from collections.abc import Sequence

from domain.announcement import Announcement, Audience, event_announcement
from domain.reconciliation.orphan import OrphanEvent
from domain.workflow import Event

_ANNOUNCED = frozenset(
    {OrphanEvent.STUCK, OrphanEvent.REVOKED, OrphanEvent.RETRIED, OrphanEvent.CLOSED}
)


def orphan_announcements(events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive every message about an orphan; ``events`` are all its events, from number 1."""
    return tuple(
        event_announcement(Audience.AUDIT, number, event)
        for number, event in enumerate(events, start=1)
        if event.kind in _ANNOUNCED
    )
