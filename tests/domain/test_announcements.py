"""Which messages a request sends, and to whom."""

from dataclasses import replace

import pytest

from domain import access_changes as change
from domain import windows
from domain.access import Request
from domain.announcements import (
    Announcement,
    Audience,
    Subject,
    announcements,
    copies,
    copy_key,
)
from domain.assignment import End
from domain.refusals import NotRequestable
from domain.workflow import Change, Event
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, a_request, in_directory
from tests.support.clock import NINE


class Story:
    """A request and its events, built step by step."""

    def __init__(self, first: Change[Request]) -> None:
        self.request = first.head
        self.events = first.events

    def then(self, next_: Change[Request]) -> "Story":
        self.request = next_.head
        self.events += next_.events
        return self

    def announcements(self) -> tuple[Announcement, ...]:
        return announcements(self.request, self.events)

    @property
    def keys(self) -> list[str]:
        return [each.key for each in self.announcements()]

    def of(self, key: str) -> Announcement:
        (found,) = (each for each in self.announcements() if each.key == key)
        return found


def _pending() -> Story:
    return Story(change.submit(a_request()))


def _active() -> Story:
    story = _pending()
    story.then(change.approve(story.request, ADA, NINE))
    return story.then(change.grant(story.request, NINE, NINE))


def _revoked() -> Story:
    story = _active()
    story.then(change.end(story.request, NINE + HOUR))
    done = change.revoke(story.request, [End(shared=False, found=True)], NINE + HOUR)
    return story.then(done)


APPROVER_CARDS = [f"approver-{ADA.object_id}", f"approver-{BO.object_id}"]


def test_a_pending_request_goes_to_each_approver_and_to_the_audit_channel() -> None:
    assert _pending().keys == ["requester-card", *APPROVER_CARDS, "audit-000001"]


def test_each_message_goes_to_the_person_it_names() -> None:
    story = _pending()

    assert in_directory(ADA) == story.of(APPROVER_CARDS[0]).person
    assert DANA.as_person() == story.of("requester-card").person
    assert story.of("audit-000001").person is None


def test_an_approver_gets_no_buttons_for_their_own_request() -> None:
    story = Story(change.submit(a_request(requester=ADA)))

    assert [key for key in story.keys if key.startswith("approver-")] == APPROVER_CARDS[1:]


def test_a_blocked_request_goes_to_the_audit_channel_and_to_no_approver() -> None:
    story = Story(change.block(a_request(), NotRequestable("root-password")))

    assert story.keys == ["requester-card", "audit-000001"]


def test_every_event_goes_to_the_audit_channel_once() -> None:
    story = _revoked()

    audited = [each.event for each in story.announcements() if each.audience is Audience.AUDIT]
    assert list(story.events) == audited


def test_the_requester_gets_the_messages_that_matter_to_them() -> None:
    story = _revoked()

    told = [
        str(each.event.kind)
        for each in story.announcements()
        if each.audience is Audience.REQUESTER and each.event
    ]
    assert told == ["granted", "revoked"]


def _refused() -> Story:
    story = _pending()
    return story.then(change.deny(story.request, BO, "", NINE))


def _lapsed() -> Story:
    story = _pending()
    return story.then(change.lapse(story.request, NINE + 8 * HOUR))


def _failed() -> Story:
    story = _pending()
    story.then(change.approve(story.request, ADA, NINE))
    return story.then(change.refuse_grant(story.request, "It exists already.", NINE))


def _stuck() -> Story:
    story = _active()
    story.then(change.end(story.request, NINE + HOUR))
    return story.then(change.try_again(story.request, "403", NINE + 2 * HOUR, jitter=0))


@pytest.mark.parametrize(
    ("story", "last"),
    [
        pytest.param(_refused(), "requester-000002", id="denied"),
        pytest.param(_lapsed(), "requester-000002", id="lapsed"),
        pytest.param(_failed(), "requester-000003", id="failed"),
        pytest.param(_stuck(), "requester-000005", id="stuck"),
    ],
)
def test_the_requester_gets_a_message_about_the_outcome(story: Story, last: str) -> None:
    announcement = story.of(last)

    assert Subject.EVENT is announcement.subject
    assert story.events[-1] == announcement.event
    assert announcement.opens


def test_for_an_unreachable_approver_a_card_with_a_mention_goes_to_the_channel() -> None:
    story = _pending()
    story.then(change.report_unreachable(story.request, in_directory(ADA), NINE))

    channel = story.of("approvers-channel")
    assert (channel.audience, channel.subject) == (Audience.AUDIT, Subject.WORKFLOW)
    assert channel.opens
    assert "requester-000002" in story.keys


def test_two_unreachable_approvers_share_one_card_in_the_channel() -> None:
    story = _pending()
    story.then(change.report_unreachable(story.request, in_directory(ADA), NINE))
    story.then(change.report_unreachable(story.request, in_directory(BO), NINE))

    assert story.keys.count("approvers-channel") == 1
    mentioned = [person.object_id for person in story.of("approvers-channel").mentions]
    assert mentioned == [ADA.object_id, BO.object_id]


def test_every_event_updates_the_existing_cards() -> None:
    before, after = _pending(), _revoked()

    cards = ["requester-card", *APPROVER_CARDS]
    assert [(key, before.of(key).revision) for key in cards] == [(key, 1) for key in cards]
    assert [(key, after.of(key).revision) for key in cards] == [(key, 5) for key in cards]


def test_audit_messages_never_change() -> None:
    story = _active()
    before = {each.key: each for each in story.announcements() if each.key.startswith("audit-")}
    story.then(change.end(story.request, NINE + HOUR))
    after = {each.key: each for each in story.announcements()}

    assert before == {key: after[key] for key in before}


@pytest.mark.parametrize("early", [True, False])
def test_the_granted_message_is_redrawn_when_access_ends(early: bool) -> None:
    story = _active()
    before = story.of("requester-000003").revision
    ended = change.end_early(story.request, BO, NINE) if early else change.end(story.request, NINE)
    story.then(ended)

    assert (before, story.of("requester-000003").revision) == (3, 4)


def _wished_for() -> Story:
    story = _active()
    terms = replace(story.request.terms, min_approvals=2)
    asked = windows.ask_extension(replace(story.request, terms=terms), DANA, HOUR, NINE)
    return story.then(asked)


def test_a_first_approval_of_an_extension_updates_the_existing_messages() -> None:
    story = _wished_for()
    story.then(windows.allow_extension(story.request, ADA, NINE))

    assert story.of("audit-000005").event == story.events[-1]
    assert "requester-000005" not in story.keys
    shown = ["requester-card", "requester-000003", f"approver-{BO.object_id}-000004"]
    assert [story.of(key).revision for key in shown] == [5, 5, 5]


def test_a_denied_extension_request_is_not_posted_even_if_another_is_open() -> None:
    story = _wished_for()
    story.then(windows.deny_extension(story.request, ADA, NINE))
    story.then(windows.ask_extension(story.request, DANA, HOUR / 2, NINE + MINUTE))

    asked = [f"approver-{BO.object_id}-{number}" for number in ("000004", "000006")]
    assert [story.of(key).opens for key in asked] == [False, True]


def test_a_cancellation_updates_cards_and_posts_only_an_audit_message() -> None:
    story = _pending()
    story.then(change.cancel(story.request, DANA, NINE))

    assert story.keys == ["requester-card", *APPROVER_CARDS, "audit-000001", "audit-000002"]
    assert [story.of(key).revision for key in APPROVER_CARDS] == [2, 2]
    assert [story.of(key).opens for key in APPROVER_CARDS] == [False, False]


def test_access_ended_early_is_announced_in_the_audit_channel_at_once() -> None:
    story = _active()
    story.then(change.end_early(story.request, BO, NINE))

    assert story.of("audit-000004").event == Event("ended early", NINE, BO)
    assert "requester-000004" not in story.keys


def test_every_message_has_its_own_key() -> None:
    keys = _stuck().keys

    assert len(set(keys)) == len(keys)


def test_a_decided_request_is_not_posted_to_more_approvers() -> None:
    story = _active()

    assert [story.of(key).opens for key in APPROVER_CARDS] == [False, False]


def test_a_decided_request_is_not_posted_to_the_channel_instead() -> None:
    story = _pending()
    story.then(change.report_unreachable(story.request, in_directory(ADA), NINE))
    story.then(change.deny(story.request, BO, "", NINE))

    assert not story.of("approvers-channel").opens


def test_the_card_that_answered_the_request_is_updated_but_never_posted() -> None:
    assert not _pending().of("requester-card").opens


def test_any_kind_of_event_reaches_the_audit_channel() -> None:
    story = _active()
    unknown = Event("extended", NINE + MINUTE, ADA)
    story.then(Change(story.request, (unknown,)))

    assert unknown == story.of("audit-000004").event


def test_a_requested_copy_is_updated_but_never_posted() -> None:
    story = _active()
    decides, looks = copy_key("id-1", decides=True), copy_key("id-2", decides=False)

    found = copies([looks, "audit-000001", decides], story.events)

    assert [(each.key, each.audience) for each in found] == [
        (decides, Audience.APPROVER),
        (looks, Audience.REQUESTER),
    ]
    assert {(each.subject, each.revision, each.opens) for each in found} == {
        (Subject.WORKFLOW, 3, False)
    }
