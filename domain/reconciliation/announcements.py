"""Which messages follow from an orphan: the audit channel is told how it ended, nobody else."""

from collections.abc import Sequence

from domain.announcement import Announcement, Audience, event_announcement
from domain.reconciliation.orphan import OrphanEvent
from domain.workflow import Event

_TOLD = frozenset({OrphanEvent.STUCK, OrphanEvent.REVOKED, OrphanEvent.RETRIED, OrphanEvent.CLOSED})


def orphan_announcements(events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive every message of an orphan; ``events`` are all of it, the first being number 1."""
    return tuple(
        event_announcement(Audience.AUDIT, number, event)
        for number, event in enumerate(events, start=1)
        if event.kind in _TOLD
    )
