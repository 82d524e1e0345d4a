"""Which events of a rotation get their own message, and who gets it."""

from domain.rotation.rotation import RotationEvent
from domain.workflow import Event

_LIVE_CARD_EVENTS = frozenset(
    {RotationEvent.STEP_DONE, RotationEvent.STEP_UNDONE, RotationEvent.STEP_WAITS}
)
_ADMIN_EVENTS = frozenset(
    {
        RotationEvent.OVERLAPPING,
        RotationEvent.OVERLAP_ENDED,
        RotationEvent.ROLLED_BACK,
        RotationEvent.NEEDS_HUMAN,
        RotationEvent.DENIED,
        RotationEvent.LAPSED,
        RotationEvent.CAME_LATE,
        RotationEvent.LATE_REPLACED,
        RotationEvent.ABANDONED,
    }
)


def has_message(event: Event) -> bool:
    """Return whether an event gets its own post in the audit channel."""
    return event.kind not in _LIVE_CARD_EVENTS


def has_person_message(event: Event) -> bool:
    """Return whether the admin who asked for the rotation gets a message about an event."""
    return event.kind in _ADMIN_EVENTS
