"""Which events of a rotation get a message of their own, and for whom."""

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
    """Say whether an event is worth a post of its own in the audit channel."""
    return event.kind not in _ON_THE_LIVE_CARD_ALONE


def has_person_message(event: Event) -> bool:
    """Say whether the admin who asked for a rotation is told of an event by itself."""
    return event.kind in _TOLD_TO_ADMIN
