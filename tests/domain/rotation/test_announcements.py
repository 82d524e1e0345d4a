"""Which messages a rotation sends, and to whom."""

from dataclasses import replace

import pytest

from domain.announcement import Announcement, Audience, Subject, event_announcement
from domain.rotation.announcements import LIVE_CARD, rotation_announcements
from domain.rotation.rotation import Rotation, RotationEvent
from domain.workflow import Event
from tests.support.builders import ADA, BO, CY, in_directory
from tests.support.clock import NINE
from tests.support.rotation.builders import BY_SCHEDULE, a_pending_rotation, a_rotation

ON_THE_CARD_ALONE = {
    RotationEvent.STEP_DONE,
    RotationEvent.STEP_UNDONE,
    RotationEvent.STEP_WAITS,
}
TOLD_TO_ASKER = {
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


def _of(rotation: Rotation, *kinds: RotationEvent) -> dict[str, Announcement]:
    found = rotation_announcements(rotation, [Event(kind, NINE) for kind in kinds])
    keys = [announcement.key for announcement in found]
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, found, strict=True))


def _with_second_admins(rotation: Rotation) -> Rotation:
    others = (in_directory(BO), in_directory(CY))
    return replace(rotation, terms=replace(rotation.terms, approvers=others))


@pytest.mark.parametrize("kind", RotationEvent)
def test_the_audit_channel_gets_every_event_except_steps_shown_on_the_card(
    kind: RotationEvent,
) -> None:
    found = _of(a_rotation(), kind)

    posted = "audit-000001" in found
    assert posted is (kind not in ON_THE_CARD_ALONE)
    assert found[LIVE_CARD].revision == 1
    assert found[LIVE_CARD].subject is Subject.WORKFLOW


@pytest.mark.parametrize("kind", RotationEvent)
def test_the_admin_who_asked_gets_the_outcome(kind: RotationEvent) -> None:
    told = "requester-000001" in _of(a_rotation(), kind)

    assert told is (kind in TOLD_TO_ASKER)


def test_a_message_about_an_event_has_the_event_and_who_it_is_for() -> None:
    found = _of(a_rotation(), RotationEvent.OVERLAPPING)

    post = event_announcement(Audience.AUDIT, 1, Event("overlapping", NINE))
    told = replace(
        post, key="requester-000001", audience=Audience.REQUESTER, person=ADA.as_person()
    )
    assert (found["audit-000001"], found["requester-000001"]) == (post, told)


def test_a_rotation_no_one_asked_for_sends_no_personal_messages() -> None:
    rotation = a_rotation(trigger=BY_SCHEDULE)

    found = _of(rotation, RotationEvent.STARTED, RotationEvent.OVERLAPPING, RotationEvent.ROTATED)

    assert {announcement.audience for announcement in found.values()} == {Audience.AUDIT}


def test_the_live_card_is_posted_before_replies_in_its_thread() -> None:
    found = list(_of(a_rotation(), RotationEvent.STARTED, RotationEvent.STEP_DONE))

    assert [key for key in found if key.startswith("audit-")] == [LIVE_CARD, "audit-000001"]


def test_every_event_updates_all_copies_of_the_card() -> None:
    rotation = _with_second_admins(a_pending_rotation())

    found = _of(rotation, RotationEvent.ASKED, RotationEvent.STARTED, RotationEvent.STEP_DONE)

    cards = [one for one in found.values() if one.subject is Subject.WORKFLOW]
    assert len(cards) == 4
    assert {card.revision for card in cards} == {3}


def test_the_other_admins_get_a_card_while_their_approval_is_needed() -> None:
    waiting = _of(_with_second_admins(a_pending_rotation()), RotationEvent.ASKED)
    running = _of(_with_second_admins(a_rotation()), RotationEvent.ASKED, RotationEvent.STARTED)

    for admin in (BO, CY):
        key = f"approver-{admin.object_id}"
        card = Announcement(
            key=key,
            audience=Audience.APPROVER,
            subject=Subject.WORKFLOW,
            revision=1,
            person=in_directory(admin),
        )
        assert waiting[key] == card
        assert running[key] == replace(card, revision=2, opens=False)


def test_the_card_that_answered_the_command_is_updated_in_place() -> None:
    found = _of(a_rotation(), RotationEvent.STARTED)

    assert found["requester-card"] == Announcement(
        key="requester-card",
        audience=Audience.REQUESTER,
        subject=Subject.WORKFLOW,
        revision=1,
        opens=False,
        person=ADA.as_person(),
    )
