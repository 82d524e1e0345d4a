"""Which messages a drill sends, and to whom."""

from dataclasses import replace

import pytest

from domain.access.request import AccessEvent
from domain.announcement import Announcement, Audience, Subject
from domain.drill.announcements import drill_announcements
from domain.drill.drill import Drill, DrillEvent
from domain.workflow import Event
from tests.support.builders import ADA, a_granting_request
from tests.support.clock import NINE

ASKED = Drill(id="drl-one", access=a_granting_request(), asked_by=ADA)
DUE = replace(ASKED, asked_by=None)
AFTER_FAILURE = replace(DUE, after_failure=True)
BEGUN, SUCCEEDED = Event(DrillEvent.BEGUN, NINE), Event(DrillEvent.SUCCEEDED, NINE)
FAILED = Event(DrillEvent.FAILED, NINE)
GRANTED, STUCK = Event(AccessEvent.GRANTED, NINE), Event(AccessEvent.STUCK, NINE)


def _in_audit_channel(number: int, event: Event) -> Announcement:
    return Announcement(
        key=f"audit-00000{number}",
        audience=Audience.AUDIT,
        subject=Subject.EVENT,
        revision=number,
        event=event,
    )


def test_the_card_of_who_asked_is_updated_and_the_audit_channel_hears_what_is_news() -> None:
    found = drill_announcements(ASKED, [BEGUN, GRANTED, SUCCEEDED])

    card = Announcement(
        key="requester-card",
        audience=Audience.REQUESTER,
        subject=Subject.WORKFLOW,
        revision=3,
        opens=False,
        person=ADA.as_person(),
    )
    assert found == (card, _in_audit_channel(1, BEGUN), _in_audit_channel(3, SUCCEEDED))


@pytest.mark.parametrize(
    ("drill", "event", "is_news"),
    [
        (ASKED, GRANTED, False),
        (DUE, BEGUN, False),
        (DUE, SUCCEEDED, False),
        (AFTER_FAILURE, BEGUN, False),
        (AFTER_FAILURE, SUCCEEDED, True),
        (DUE, FAILED, True),
        (DUE, STUCK, True),
        (DUE, Event(AccessEvent.RETRIED, NINE), True),
        (DUE, Event(AccessEvent.CLOSED, NINE), True),
    ],
)
def test_a_scheduled_drill_is_news_only_if_it_fails_or_succeeds_after_a_failure(
    drill: Drill, event: Event, *, is_news: bool
) -> None:
    found = drill_announcements(drill, [event])

    told = [one for one in found if one.audience is Audience.AUDIT]
    assert told == ([_in_audit_channel(1, event)] if is_news else [])
