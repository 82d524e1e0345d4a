"""Who is told about a policy file, and how messages about a wait end."""

from collections.abc import Callable

import pytest

from domain.announcement import Audience, Subject
from domain.people import Person
from domain.policies.differences import Difference
from domain.policy_file import changes
from domain.policy_file.announcements import policy_file_announcements
from domain.policy_file.file import PolicyFile, PolicyFileEvent
from domain.workflow import Change, Event
from tests.support.builders import ADA, BO, CY, in_directory
from tests.support.clock import NINE

WIDER = Difference(secrets=("a",), field="longest", before=1, after=2, widens=True)
FIRST = changes.adopt(None, "one", NINE, four_eyes=True)
WAITING = changes.wait(
    FIRST.head, "two", NINE, [WIDER], [in_directory(BO), in_directory(CY)], four_eyes=True
)
_END = Callable[[PolicyFile], Change[PolicyFile]]
ENDS: dict[PolicyFileEvent, _END] = {
    PolicyFileEvent.ACCEPTED: lambda file: changes.accept(file, ADA, NINE),
    PolicyFileEvent.REJECTED: lambda file: changes.reject(file, ADA, NINE),
    PolicyFileEvent.WITHDRAWN: lambda file: changes.adopt(file, "one", NINE, four_eyes=True),
}


def events_of(*those: Change[PolicyFile]) -> list[Event]:
    return [event for change in those for event in change.events]


def test_a_wait_is_announced_in_the_channel_and_to_each_admin() -> None:
    announced = policy_file_announcements(events_of(FIRST, WAITING))

    assert [(each.key, each.audience, each.revision, each.opens) for each in announced] == [
        ("policy-000001", Audience.AUDIT, 1, True),
        ("policy-000002", Audience.AUDIT, 2, True),
        (f"admin-000002-{BO.object_id}", Audience.ADMIN, 2, True),
        (f"admin-000002-{CY.object_id}", Audience.ADMIN, 2, True),
    ]


@pytest.mark.parametrize("kind", ENDS)
def test_the_messages_about_a_wait_show_how_it_ended(kind: PolicyFileEvent) -> None:
    end = ENDS[kind](WAITING.head)

    _, channel, admin, _, ended, *_ = policy_file_announcements(events_of(FIRST, WAITING, end))

    assert channel.subject is admin.subject is Subject.WORKFLOW
    assert admin.person == Person(BO.object_id, BO.object_id)
    for each in (channel, admin):
        assert each.event
        assert each.revision == 3
        assert each.event.facts["ended"] == kind
    assert not admin.opens
    assert ended.event
    assert ended.event.kind == kind


def test_only_the_end_of_a_wait_itself_is_shown() -> None:
    accepted = changes.accept(WAITING.head, ADA, NINE)
    again = changes.wait(accepted.head, "three", NINE, [WIDER], [], four_eyes=True)
    rejected = changes.reject(again.head, CY, NINE)

    announced = policy_file_announcements(events_of(FIRST, WAITING, accepted, again, rejected))

    by = {
        each.key: each.event.facts.get("ended_by")
        for each in announced
        if each.event and each.event.kind == PolicyFileEvent.WAITS
    }
    withdrawn = ENDS[PolicyFileEvent.WITHDRAWN](WAITING.head)
    _, channel, *_ = policy_file_announcements(events_of(FIRST, WAITING, withdrawn))
    assert channel.event
    assert channel.event.facts["ended_by"] == ""
    assert by["policy-000002"] == ADA.name
    assert by["policy-000004"] == CY.name


def test_an_acceptance_is_by_an_actor_and_decides_what_comes_next() -> None:
    off = changes.wait(FIRST.head, "two", NINE, [WIDER], [], four_eyes=False)
    accepted = changes.accept(off.head, ADA, NINE)

    assert (off.head.four_eyes, accepted.head.four_eyes) == (True, False)
    assert (off.head.in_force, accepted.head.in_force) == ("one", "two")
    assert accepted.events[0].actor == ADA


@pytest.mark.parametrize("kind", [PolicyFileEvent.REJECTED, PolicyFileEvent.WITHDRAWN])
def test_what_is_rejected_or_replaced_by_the_file_in_force_changes_nothing_in_force(
    kind: PolicyFileEvent,
) -> None:
    head = ENDS[kind](WAITING.head).head

    assert (head.in_force, head.four_eyes) == ("one", True)
