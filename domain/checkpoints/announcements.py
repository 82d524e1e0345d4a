"""The messages about checkpoints; they only go to the audit channel."""

from collections.abc import Sequence

from domain.announcement import Announcement, in_audit_channel
from domain.workflow import Event


def checkpoint_announcements(events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive a message for each day; they are all in one thread."""
    return in_audit_channel(events)
