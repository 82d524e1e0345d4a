"""Messages derived from events."""

from dataclasses import replace

from domain.announcement import (
    Announcement,
    Audience,
    Subject,
    as_one,
    event_announcement,
    in_audit_channel,
)
from domain.workflow import Event
from tests.support.builders import ADA, in_directory
from tests.support.clock import NINE

EVENT = Event("granted", NINE)


def test_a_message_for_an_event_is_named_by_its_audience_and_number() -> None:
    assert event_announcement(Audience.AUDIT, 7, EVENT) == Announcement(
        key="audit-000007",
        audience=Audience.AUDIT,
        subject=Subject.EVENT,
        revision=7,
        event=EVENT,
    )


def test_a_message_may_be_for_a_person_by_another_name_and_show_a_later_event() -> None:
    ada = in_directory(ADA)

    assert event_announcement(Audience.ADMIN, 7, EVENT, ada, 9, "admin-ada") == Announcement(
        key="admin-ada-000007",
        audience=Audience.ADMIN,
        subject=Subject.EVENT,
        revision=9,
        event=EVENT,
        person=ada,
    )
    assert event_announcement(Audience.ADMIN, 7, EVENT, ada, 0).revision == 0


def test_several_messages_can_be_one_and_keep_their_parts() -> None:
    parts = [event_announcement(Audience.AUDIT, number, EVENT) for number in (1, 2, 3)]

    whole = as_one(parts)

    assert whole == replace(parts[2], earlier=tuple(parts[:2]))
    assert whole.parts == tuple(parts)
    assert as_one(parts[:1]) == parts[0]


def test_each_event_of_a_workflow_can_be_a_message_in_the_audit_channel_alone() -> None:
    ended = Event("revoked", NINE)

    assert in_audit_channel([EVENT, ended]) == tuple(
        Announcement(
            key=f"audit-00000{number}",
            audience=Audience.AUDIT,
            subject=Subject.EVENT,
            revision=number,
            event=event,
        )
        for number, event in enumerate((EVENT, ended), start=1)
    )
