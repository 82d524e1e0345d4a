"""Which messages a request sends, and to whom."""

from dataclasses import replace

import pytest

from domain.access import by_rule, windows
from domain.access import changes as change
from domain.access.announcements import announcements, copies, copy_key
from domain.access.assignment import End
from domain.access.auto_approval import AutoApproval
from domain.access.request import Request
from domain.announcement import Announcement, Audience, Subject
from domain.reasons import Reason
from domain.refusals import NotRequestable
from domain.workflow import Change, Event
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, a_request, in_directory
from tests.support.clock import NINE


class Scenario:
    """A request and its events, built step by step."""

    def __init__(self, first: Change[Request]) -> None:
        self.request = first.head
        self.events = first.events

    def then(self, next_: Change[Request]) -> "Scenario":
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


def _pending() -> Scenario:
    return Scenario(change.submit(a_request()))


def _active() -> Scenario:
    scenario = _pending()
    scenario.then(change.approve(scenario.request, ADA, NINE))
    return scenario.then(change.grant(scenario.request, NINE, NINE))


def _revoked() -> Scenario:
    scenario = _active()
    scenario.then(change.end(scenario.request, NINE + HOUR))
    done = change.revoke(scenario.request, [End(shared=False, found=True)], NINE + HOUR)
    return scenario.then(done)


APPROVER_CARDS = [f"approver-{ADA.object_id}", f"approver-{BO.object_id}"]


def test_a_pending_request_goes_to_each_approver_and_to_the_audit_channel() -> None:
    assert _pending().keys == ["requester-card", *APPROVER_CARDS, "audit-000001"]


def test_each_message_goes_to_the_person_it_names() -> None:
    scenario = _pending()

    assert in_directory(ADA) == scenario.of(APPROVER_CARDS[0]).person
    assert DANA.as_person() == scenario.of("requester-card").person
    assert scenario.of("audit-000001").person is None


def test_an_approver_gets_no_buttons_for_their_own_request() -> None:
    scenario = Scenario(change.submit(a_request(requester=ADA)))

    assert [key for key in scenario.keys if key.startswith("approver-")] == APPROVER_CARDS[1:]


def test_a_blocked_request_goes_to_the_audit_channel_and_to_no_approver() -> None:
    scenario = Scenario(change.block(a_request(), NotRequestable("root-password")))

    assert scenario.keys == ["requester-card", "audit-000001"]


def test_a_request_approved_by_rule_goes_to_the_audit_channel_and_to_no_approver() -> None:
    rule = AutoApproval(table="demo-*", requesters=("dana@x.y",), longest=HOUR)
    scenario = Scenario(by_rule.submit(a_request(), [rule]))

    assert scenario.keys == ["requester-card", "audit-000001", "audit-000002"]


def test_every_event_goes_to_the_audit_channel_once() -> None:
    scenario = _revoked()

    audited = [each.event for each in scenario.announcements() if each.audience is Audience.AUDIT]
    assert list(scenario.events) == audited


def test_the_requester_gets_the_messages_that_matter_to_them() -> None:
    scenario = _revoked()

    told = [
        str(each.event.kind)
        for each in scenario.announcements()
        if each.audience is Audience.REQUESTER and each.event
    ]
    assert told == ["granted", "revoked"]


def _refused() -> Scenario:
    scenario = _pending()
    return scenario.then(change.deny(scenario.request, BO, "", NINE))


def _lapsed() -> Scenario:
    scenario = _pending()
    return scenario.then(change.lapse(scenario.request, NINE + 8 * HOUR))


def _failed() -> Scenario:
    scenario = _pending()
    scenario.then(change.approve(scenario.request, ADA, NINE))
    return scenario.then(change.refuse_grant(scenario.request, Reason("assignment_exists"), NINE))


def _stuck() -> Scenario:
    scenario = _active()
    scenario.then(change.end(scenario.request, NINE + HOUR))
    return scenario.then(change.try_again(scenario.request, "403", NINE + 2 * HOUR, jitter=0))


@pytest.mark.parametrize(
    ("scenario", "last"),
    [
        pytest.param(_refused(), "requester-000002", id="denied"),
        pytest.param(_lapsed(), "requester-000002", id="lapsed"),
        pytest.param(_failed(), "requester-000003", id="failed"),
        pytest.param(_stuck(), "requester-000005", id="stuck"),
    ],
)
def test_the_requester_gets_a_message_about_the_outcome(scenario: Scenario, last: str) -> None:
    announcement = scenario.of(last)

    assert announcement.subject is Subject.EVENT
    assert scenario.events[-1] == announcement.event
    assert announcement.opens


def test_for_an_unreachable_approver_a_card_with_a_mention_goes_to_the_channel() -> None:
    scenario = _pending()
    scenario.then(change.report_unreachable(scenario.request, in_directory(ADA), NINE))

    channel = scenario.of("approvers-channel")
    assert (channel.audience, channel.subject) == (Audience.AUDIT, Subject.WORKFLOW)
    assert channel.opens
    assert "requester-000002" in scenario.keys


def test_two_unreachable_approvers_share_one_card_in_the_channel() -> None:
    scenario = _pending()
    scenario.then(change.report_unreachable(scenario.request, in_directory(ADA), NINE))
    scenario.then(change.report_unreachable(scenario.request, in_directory(BO), NINE))

    assert scenario.keys.count("approvers-channel") == 1
    mentioned = [person.object_id for person in scenario.of("approvers-channel").mentions]
    assert mentioned == [ADA.object_id, BO.object_id]


def test_every_event_updates_the_existing_cards() -> None:
    before, after = _pending(), _revoked()

    cards = ["requester-card", *APPROVER_CARDS]
    assert [(key, before.of(key).revision) for key in cards] == [(key, 1) for key in cards]
    assert [(key, after.of(key).revision) for key in cards] == [(key, 5) for key in cards]


def test_audit_messages_never_change() -> None:
    scenario = _active()
    before = {each.key: each for each in scenario.announcements() if each.key.startswith("audit-")}
    scenario.then(change.end(scenario.request, NINE + HOUR))
    after = {each.key: each for each in scenario.announcements()}

    assert before == {key: after[key] for key in before}


def test_an_early_end_updates_the_messages_that_name_a_later_one() -> None:
    scenario = _active()
    before = scenario.of("requester-000003").revision
    scenario.then(change.end_early(scenario.request, BO, NINE))

    assert (before, scenario.of("requester-000003").revision) == (3, 4)


def test_an_end_on_time_updates_the_cards_and_not_the_messages_that_named_it() -> None:
    scenario = _active()
    scenario.then(change.end(scenario.request, NINE))

    assert scenario.of("requester-000003").revision == 3
    assert scenario.of("requester-card").revision == 4
    assert scenario.of(f"approver-{BO.object_id}").revision == 4


def test_the_warning_before_the_end_is_one_message_and_updates_nothing() -> None:
    scenario = _active()
    before = {one.key: one.revision for one in scenario.announcements()}
    scenario.then(windows.warn(scenario.request, NINE))
    after = {one.key: one for one in scenario.announcements()}

    opened = {key for key, one in after.items() if one.opens} - before.keys()
    assert opened == {"requester-000004"}
    assert {key: after[key].revision for key in before} == before


def _wished_for() -> Scenario:
    scenario = _active()
    terms = replace(scenario.request.terms, min_approvals=2)
    asked = windows.ask_extension(replace(scenario.request, terms=terms), DANA, HOUR, NINE)
    return scenario.then(asked)


def test_a_first_approval_of_an_extension_updates_the_existing_messages() -> None:
    scenario = _wished_for()
    scenario.then(windows.allow_extension(scenario.request, ADA, NINE))

    assert scenario.of("audit-000005").event == scenario.events[-1]
    assert "requester-000005" not in scenario.keys
    shown = ["requester-card", "requester-000003", f"approver-{BO.object_id}-000004"]
    assert [scenario.of(key).revision for key in shown] == [5, 5, 5]


def test_a_denied_extension_request_is_not_posted_even_if_another_is_open() -> None:
    scenario = _wished_for()
    scenario.then(windows.deny_extension(scenario.request, ADA, NINE))
    scenario.then(windows.ask_extension(scenario.request, DANA, HOUR / 2, NINE + MINUTE))

    asked = [f"approver-{BO.object_id}-{number}" for number in ("000004", "000006")]
    assert [scenario.of(key).opens for key in asked] == [False, True]


def test_a_cancellation_updates_cards_and_posts_only_an_audit_message() -> None:
    scenario = _pending()
    scenario.then(change.cancel(scenario.request, DANA, NINE))

    assert scenario.keys == ["requester-card", *APPROVER_CARDS, "audit-000001", "audit-000002"]
    assert [scenario.of(key).revision for key in APPROVER_CARDS] == [2, 2]
    assert [scenario.of(key).opens for key in APPROVER_CARDS] == [False, False]


def test_access_ended_early_is_announced_in_the_audit_channel_at_once() -> None:
    scenario = _active()
    scenario.then(change.end_early(scenario.request, BO, NINE))

    assert scenario.of("audit-000004").event == Event("ended_early", NINE, BO)
    assert "requester-000004" not in scenario.keys


def test_every_message_has_its_own_key() -> None:
    keys = _stuck().keys

    assert len(set(keys)) == len(keys)


def test_a_decided_request_is_not_posted_to_more_approvers() -> None:
    scenario = _active()

    assert [scenario.of(key).opens for key in APPROVER_CARDS] == [False, False]


def test_a_decided_request_is_not_posted_to_the_channel_instead() -> None:
    scenario = _pending()
    scenario.then(change.report_unreachable(scenario.request, in_directory(ADA), NINE))
    scenario.then(change.deny(scenario.request, BO, "", NINE))

    assert not scenario.of("approvers-channel").opens


def test_the_card_that_answered_the_request_is_updated_but_never_posted() -> None:
    assert not _pending().of("requester-card").opens


def test_any_kind_of_event_reaches_the_audit_channel() -> None:
    scenario = _active()
    unknown = Event("extended", NINE + MINUTE, ADA)
    scenario.then(Change(scenario.request, (unknown,)))

    assert scenario.of("audit-000004").event == unknown


def test_a_requested_copy_is_updated_but_never_posted() -> None:
    scenario = _active()
    decides, looks = copy_key("id-1", decides=True), copy_key("id-2", decides=False)

    found = copies([looks, "audit-000001", decides], scenario.events)

    assert [(each.key, each.audience) for each in found] == [
        (decides, Audience.APPROVER),
        (looks, Audience.REQUESTER),
    ]
    assert {(each.subject, each.revision, each.opens) for each in found} == {
        (Subject.WORKFLOW, 3, False)
    }
