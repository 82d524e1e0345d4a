"""Which events of a rotation get their own message, and who gets it."""

from domain.rotation.rotation import RotationEvent
from domain.workflow import Event

_ON_THE_LIVE_CARD_ALONE = frozenset(
    {RotationEvent.STEP_DONE, RotationEvent.STEP_UNDONE, RotationEvent.STEP_WAITS}
)
_TOLD_TO_ADMIN = frozenset(
    {
        RotationEvent.OVERLAPPING,
        RotationEvent.ROLLED_BACK,
        RotationEvent.NEEDS_HUMAN,
        RotationEvent.DENIED,
        RotationEvent.LAPSED,
        RotationEvent.CAME_LATE,
        RotationEvent.ABANDONED,
    }
)


def has_message(event: Event) -> bool:
    """Return whether an event gets its own post in the audit channel."""
    return event.kind not in _ON_THE_LIVE_CARD_ALONE


def has_person_message(event: Event) -> bool:
    """Return whether the admin who asked for the rotation gets a message about an event."""
    return event.kind in _TOLD_TO_ADMIN
