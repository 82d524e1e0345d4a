"""Derive the messages for a rotation from its events, and who gets them."""

from collections.abc import Sequence

from domain.announcement import REQUESTER_CARD, Announcement, Audience, Subject, event_announcement
from domain.rotation.messages import has_message, has_person_message
from domain.rotation.rotation import Rotation, RotationState
from domain.workflow import Event

LIVE_CARD = "audit-000000"
"""The rotation's card in the audit channel; later posts are replies to it."""


def rotation_announcements(rotation: Rotation, events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive every message of a rotation; steps show on live cards that are updated in place."""
    numbered = list(enumerate(events, start=1))
    return (
        *_cards(rotation, len(events)),
        *(
            event_announcement(Audience.AUDIT, number, event)
            for number, event in numbered
            if has_message(event)
        ),
        *_to_asker(rotation, numbered),
    )


def _cards(rotation: Rotation, revision: int) -> tuple[Announcement, ...]:
    live = Announcement(
        key=LIVE_CARD, audience=Audience.AUDIT, subject=Subject.WORKFLOW, revision=revision
    )
    to_second_admins = tuple(
        Announcement(
            key=f"approver-{admin.object_id}",
            audience=Audience.APPROVER,
            subject=Subject.WORKFLOW,
            revision=revision,
            opens=rotation.state is RotationState.PENDING,
            person=admin,
        )
        for admin in rotation.terms.approvers
    )
    asker = rotation.trigger.actor
    if asker is None:
        return (live, *to_second_admins)
    own = Announcement(
        key=REQUESTER_CARD,
        audience=Audience.REQUESTER,
        subject=Subject.WORKFLOW,
        revision=revision,
        opens=False,
        person=asker.as_person(),
    )
    return (live, own, *to_second_admins)


def _to_asker(
    rotation: Rotation, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    asker = rotation.trigger.actor
    if asker is None:
        return ()
    return tuple(
        event_announcement(Audience.REQUESTER, number, event, asker.as_person())
        for number, event in numbered
        if has_person_message(event)
    )
