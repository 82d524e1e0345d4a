"""What the audit channel is told about checkpoints."""

from domain.announcement import Audience, event_announcement
from domain.audit.checkpoint import FIRST, take
from domain.checkpoints import checkpoints as rules
from domain.checkpoints.announcements import checkpoint_announcements
from tests.support.clock import NINE


def test_the_audit_channel_is_told_of_each_day_once() -> None:
    [event] = rules.record(rules.first(NINE), take(NINE.date(), (), FIRST), NINE).events

    assert checkpoint_announcements([event, event]) == (
        event_announcement(Audience.AUDIT, 1, event),
        event_announcement(Audience.AUDIT, 2, event),
    )
