"""Which messages a request sends, and to whom."""

from dataclasses import replace
from typing import Any

import pytest

from domain.access.announcements import (
    announcements,
    approver_key,
    can_change,
    confirmed_key,
    copies,
    copy_key,
    own_message_key,
    reader_of,
    recipient_of,
)
from domain.access.approval import Approval
from domain.access.assignment import End
from domain.access.grant import AzureAnswer
from domain.access.reads import ReadsUnknown
from domain.access.recording_reads import record_reads
from domain.access.request import AccessEvent, Request
from domain.access.rules.auto_approval import AutoApproval
from domain.access.sign_in.refused_sign_ins import refuse_sign_in
from domain.access.terms import Reviewers
from domain.access.transitions import break_glass, by_rule, ends, extensions, waiting
from domain.access.transitions import changes as change
from domain.access.transitions.approvers import Today, follow_rules
from domain.announcement import Announcement, Audience, Subject
from domain.people import Principals
from domain.reasons import Reason
from domain.refusals.secrets import NotRequestable
from domain.refusals.sign_ins import SignedInAsSomeoneElse
from domain.workflow import Change, Event, Fact
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    a_request,
    in_directory,
    some_terms,
)
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


def _pending(**changes: Any) -> Scenario:
    return Scenario(change.submit(a_request(**changes)))


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


def _asked_again(*, approvals: tuple[Approval, ...] = ()) -> Scenario:
    """Return a request for which Ada's approval stopped counting; nobody could be reached."""
    scenario = _pending()
    asked: dict[str, Fact] = {"decide_again_ids": ADA.object_id}
    for approver in (ADA, BO):
        scenario.then(change.report_unreachable(scenario.request, in_directory(approver), NINE))
    again = Event(AccessEvent.APPROVERS_CHANGED, NINE, None, asked)
    return scenario.then(Change(replace(scenario.request, approvals=approvals), (again,)))


def test_only_whose_approval_stopped_counting_is_asked_again() -> None:
    scenario = _asked_again()
    number = len(scenario.events)

    asked = [each for each in scenario.keys if each.endswith(f"-{number:06d}")]

    assert [each for each in asked if BO.object_id in each] == []
    [key] = [each for each in asked if ADA.object_id in each]
    assert scenario.of(key).opens
    audited = scenario.of(f"audit-{number:06d}")
    assert [one.object_id for one in audited.mentions] == [ADA.object_id]


def test_who_has_decided_again_is_not_asked_any_more() -> None:
    scenario = _asked_again(approvals=(Approval(ADA, NINE),))
    number = len(scenario.events)

    [key] = [
        each for each in scenario.keys if ADA.object_id in each and each.endswith(f"{number:06d}")
    ]

    assert not scenario.of(key).opens


def test_whom_an_escalation_asks_gets_the_request_and_no_earlier_reminder() -> None:
    scenario = _pending(terms=some_terms(escalation=(in_directory(CY),)))
    scenario.then(waiting.remind(scenario.request, NINE))
    scenario.then(waiting.escalate(scenario.request, NINE + HOUR))
    scenario.then(waiting.remind(scenario.request, NINE + 2 * HOUR))

    to_cy = [key for key in scenario.keys if key.startswith(approver_key(CY.object_id))]

    assert to_cy == [approver_key(CY.object_id), f"{approver_key(CY.object_id)}-000004"]


def test_a_reminder_is_not_for_those_who_have_approved_already() -> None:
    scenario = _pending(terms=some_terms(min_approvals=2))
    scenario.then(change.report_unreachable(scenario.request, in_directory(ADA), NINE))
    scenario.then(change.approve(scenario.request, ADA, NINE))
    scenario.then(waiting.remind(scenario.request, NINE))

    asked = [
        key for key in scenario.keys if key.startswith("approver-") and key.endswith("-000004")
    ]
    assert asked == [f"approver-{BO.object_id}-000004"]
    assert scenario.of("audit-000004").mentions == ()


def test_who_approves_after_a_reminder_keeps_it() -> None:
    scenario = _pending(terms=some_terms(min_approvals=2))
    scenario.then(waiting.remind(scenario.request, NINE))
    scenario.then(change.approve(scenario.request, ADA, NINE))

    reminders = [each for each in scenario.announcements() if each.key.endswith("-000002")]

    assert any(one.opens for one in reminders if one.person and one.person.name == ADA.name)


def test_who_has_to_decide_again_is_reminded_of_it() -> None:
    scenario = _pending(terms=some_terms(min_approvals=2))
    scenario.then(change.approve(scenario.request, ADA, NINE))
    gone: dict[str, Fact] = {"no_longer_counts_ids": ADA.object_id}
    changed = Event(AccessEvent.APPROVERS_CHANGED, NINE, None, gone)
    scenario.then(Change(replace(scenario.request, approvals=()), (changed,)))
    scenario.then(waiting.remind(scenario.request, NINE))

    assert f"approver-{ADA.object_id}-000004" in scenario.keys


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


def test_an_end_on_time_updates_the_cards_that_do_not_refresh_and_not_what_named_it() -> None:
    scenario = _revoked()
    cards = [scenario.of(key) for key in ("requester-card", *APPROVER_CARDS)]

    assert scenario.of("requester-000003").revision == 3
    assert [card.revision for card in cards] == [5, 5, 5]
    assert [card.revision_if_refreshed for card in cards] == [1, 3, 3]


def test_copies_that_someone_asked_for_are_updated_at_the_end() -> None:
    [copy] = copies([copy_key("id-1", decides=False)], _revoked().events)

    assert copy.revision == 5
    assert copy.revision_if_refreshed is None


def test_the_warning_before_the_end_is_one_message_and_updates_nothing() -> None:
    scenario = _active()
    before = {one.key: one.revision for one in scenario.announcements()}
    scenario.then(ends.warn(scenario.request, NINE))
    after = {one.key: one for one in scenario.announcements()}

    opened = {key for key, one in after.items() if one.opens} - before.keys()
    assert opened == {"requester-000004"}
    assert {key: after[key].revision for key in before} == before


def test_the_reads_that_the_log_shows_update_the_message_of_the_revocation_alone() -> None:
    scenario = _revoked()
    before = {one.key: one.revision for one in scenario.announcements()}

    scenario.then(record_reads(scenario.request, ReadsUnknown(AzureAnswer()), NINE + 48 * HOUR))

    after = {one.key: one.revision for one in scenario.announcements()}
    changed = {key for key in before if after[key] != before[key]}
    assert changed - {"requester-card", *APPROVER_CARDS} == {"requester-000005"}
    assert (before["requester-000005"], after["requester-000005"]) == (5, 6)


def _wished_for() -> Scenario:
    scenario = _active()
    terms = replace(scenario.request.terms, min_approvals=2)
    asked = extensions.ask_extension(replace(scenario.request, terms=terms), DANA, HOUR, NINE)
    return scenario.then(asked)


def test_a_first_approval_of_an_extension_updates_the_existing_messages() -> None:
    scenario = _wished_for()
    scenario.then(extensions.allow_extension(scenario.request, ADA, NINE))

    assert scenario.of("audit-000005").event == scenario.events[-1]
    assert "requester-000005" not in scenario.keys
    shown = ["requester-card", "requester-000003", f"approver-{BO.object_id}-000004"]
    assert [scenario.of(key).revision for key in shown] == [5, 5, 5]


def test_a_denied_extension_request_is_not_posted_even_if_another_is_open() -> None:
    scenario = _wished_for()
    scenario.then(extensions.deny_extension(scenario.request, ADA, NINE))
    scenario.then(extensions.ask_extension(scenario.request, DANA, HOUR / 2, NINE + MINUTE))

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


def an_event_message(key: str, scenario: Scenario, number: int, **fields: Any) -> Announcement:
    """Build the message for an event of a scenario, by its number."""
    usual: dict[str, Any] = {
        "audience": Audience.REQUESTER,
        "subject": Subject.EVENT,
        "revision": number,
        "event": scenario.events[number - 1],
    }
    return Announcement(key=key, **(usual | fields))


def a_card(key: str, **fields: Any) -> Announcement:
    """Build a card that shows the current state of a request."""
    usual: dict[str, Any] = {
        "audience": Audience.APPROVER,
        "subject": Subject.WORKFLOW,
        "revision": 1,
    }
    return Announcement(key=key, **(usual | fields))


def test_the_first_messages_of_a_request_are_its_cards_and_one_in_the_audit_channel() -> None:
    scenario = _pending()

    assert scenario.announcements() == (
        a_card(
            "requester-card",
            audience=Audience.REQUESTER,
            revision_if_refreshed=1,
            opens=False,
            person=DANA.as_person(),
        ),
        a_card(approver_key(ADA.object_id), revision_if_refreshed=1, person=in_directory(ADA)),
        a_card(approver_key(BO.object_id), revision_if_refreshed=1, person=in_directory(BO)),
        an_event_message("audit-000001", scenario, 1, audience=Audience.AUDIT, is_routine=True),
    )


def test_the_channel_gets_the_card_of_approvers_who_are_too_many() -> None:
    request = a_request(terms=some_terms(in_channel=True))
    scenario = Scenario(change.submit(request))
    card = a_card("approvers-channel", audience=Audience.AUDIT)

    assert scenario.of("approvers-channel") == card
    scenario.then(change.report_unreachable(scenario.request, in_directory(BO), NINE))
    mentioning = replace(card, revision=2, mentions=(in_directory(BO),))
    assert scenario.of("approvers-channel") == mentioning
    scenario.then(change.deny(scenario.request, ADA, "", NINE))
    assert scenario.of("approvers-channel") == replace(card, revision=3, opens=False)


def test_a_reminder_goes_to_each_approver_while_the_request_is_pending() -> None:
    scenario = _pending()
    scenario.then(waiting.remind(scenario.request, NINE))
    key = f"approver-{BO.object_id}-000002"
    reminder = an_event_message(
        key,
        scenario,
        2,
        audience=Audience.APPROVER,
        revision_if_refreshed=2,
        person=in_directory(BO),
    )

    assert scenario.of(key) == reminder
    scenario.then(change.deny(scenario.request, ADA, "", NINE))
    denied = replace(reminder, revision=3, revision_if_refreshed=3, opens=False)
    assert scenario.of(key) == denied


def test_people_who_become_approvers_get_later_reminders_only() -> None:
    scenario = _pending()
    scenario.then(waiting.remind(scenario.request, NINE))
    today = Today(approvers=tuple(map(in_directory, (ADA, CY))))
    followed = follow_rules(scenario.request, today, NINE)
    assert followed
    scenario.then(followed)
    scenario.then(waiting.remind(scenario.request, NINE))

    reminders = [key for key in scenario.keys if key.endswith(("-000002", "-000004"))]
    assert [key for key in reminders if key.startswith("approver-")] == [
        f"approver-{ADA.object_id}-000002",
        f"approver-{ADA.object_id}-000004",
        f"approver-{CY.object_id}-000004",
        f"approver-{BO.object_id}-000002",
        f"approver-{BO.object_id}-000004",
    ]


def test_each_message_of_a_former_approver_says_that_they_no_longer_decide() -> None:
    scenario = _pending()
    scenario.then(waiting.remind(scenario.request, NINE))
    followed = follow_rules(scenario.request, Today(approvers=(in_directory(ADA),)), NINE)
    assert followed
    scenario.then(followed)
    card = a_card(
        approver_key(BO.object_id),
        audience=Audience.FORMER_APPROVER,
        revision=3,
        opens=False,
        reader=BO.object_id,
    )
    reminder = replace(card, key=f"{card.key}-000002")

    found = [each for each in scenario.announcements() if BO.object_id in each.key]
    assert found == [card, reminder]


def test_a_wish_for_more_time_goes_to_the_channel_too_if_the_card_did() -> None:
    terms = some_terms(in_channel=True)
    scenario = Scenario(change.submit(a_request(terms=terms)))
    scenario.then(change.approve(scenario.request, ADA, NINE))
    scenario.then(change.grant(scenario.request, NINE, NINE))
    scenario.then(extensions.ask_extension(scenario.request, DANA, HOUR, NINE))
    key = "approvers-channel-000004"
    question = an_event_message(key, scenario, 4, audience=Audience.CHANNEL)

    assert [key for key in scenario.keys if key.startswith("approvers-channel-")] == [key]
    assert scenario.of(key) == question
    scenario.then(extensions.deny_extension(scenario.request, ADA, NINE))
    assert scenario.of(key) == replace(question, revision=5, opens=False)
    assert not any(key.startswith("approvers-channel-") for key in _wished_for().keys)


def test_a_channel_is_asked_for_a_review_once_if_its_group_becomes_an_approver_later() -> None:
    scenario = Scenario(break_glass.take(a_request(terms=some_terms(in_channel=True)), ()))
    scenario.then(break_glass.ask_review(scenario.request, NINE))
    joined = Event("approvers_changed", NINE, None, {"added_groups": "Leads"})
    scenario.then(Change(scenario.request, (joined,)))
    scenario.then(break_glass.ask_review(scenario.request, NINE))

    assert [key for key in scenario.keys if key.startswith("approvers-channel-")] == [
        "approvers-channel-000001",
        "approvers-channel-000004",
    ]


def test_admins_hear_of_break_glass_access_unless_they_are_asked_or_involved() -> None:
    admins = tuple(map(in_directory, (CY, DANA, ADA, EVE)))
    scenario = Scenario(break_glass.take(a_request(), admins))
    scenario.then(break_glass.ask_review(scenario.request, NINE + HOUR))

    told = [each for each in scenario.announcements() if each.audience is Audience.ADMIN]
    assert told == [
        an_event_message(
            f"admin-{admin.object_id}-000001",
            scenario,
            1,
            audience=Audience.ADMIN,
            person=in_directory(admin),
        )
        for admin in (CY, EVE)
    ]


def test_admins_who_review_in_place_of_the_approvers_are_asked_that_and_nothing_else() -> None:
    cy = in_directory(CY)
    request = a_request(
        reviewers=Reviewers((cy,), Principals((cy,))), terms=some_terms(in_channel=True)
    )
    scenario = Scenario(break_glass.take(request, ()))
    scenario.then(change.grant(scenario.request, NINE, NINE))
    scenario.then(break_glass.ask_review(scenario.request, NINE))
    scenario.then(extensions.ask_extension(scenario.request, DANA, HOUR, NINE))

    assert [key for key in scenario.keys if key.startswith("approver")] == [
        f"approver-{CY.object_id}-000001",
        f"approver-{CY.object_id}-000003",
        f"approver-{ADA.object_id}-000004",
        f"approver-{BO.object_id}-000004",
        "approvers-channel-000004",
    ]


def test_a_review_is_asked_for_until_there_is_one() -> None:
    scenario = Scenario(break_glass.take(a_request(), ()))
    key = f"approver-{ADA.object_id}-000001"

    assert scenario.of(key).opens
    scenario.then(break_glass.review(scenario.request, ADA, "", NINE))
    assert not scenario.of(key).opens


def test_the_requester_gets_each_message_in_their_own_chat() -> None:
    scenario = _active()

    assert scenario.of(own_message_key(3)) == an_event_message(
        "requester-000003", scenario, 3, person=DANA.as_person()
    )


@pytest.mark.parametrize(
    ("asked_in", "keys"),
    [("19:channel", ["asked_in-000003"]), ("a:personal", []), ("", [])],
)
def test_the_outcome_goes_to_the_channel_in_which_the_request_was_made(
    asked_in: str, keys: list[str]
) -> None:
    scenario = _active()
    scenario.request = replace(scenario.request, asked_in=asked_in)

    told = [each for each in scenario.announcements() if each.audience is Audience.ASKED_IN]
    assert told == [
        an_event_message(key, scenario, 3, audience=Audience.ASKED_IN, person=DANA.as_person())
        for key in keys
    ]


def test_the_grantee_hears_of_a_request_that_someone_else_made() -> None:
    scenario = Scenario(change.submit(a_request(beneficiary=in_directory(EVE))))
    scenario.then(change.approve(scenario.request, ADA, NINE))
    scenario.then(change.grant(scenario.request, NINE, NINE))
    scenario.then(change.end_early(scenario.request, BO, NINE))
    for_eve: dict[str, Any] = {"audience": Audience.HOLDER, "person": in_directory(EVE)}

    told = [each for each in scenario.announcements() if each.audience is Audience.HOLDER]
    assert told == [
        an_event_message("holder-000001", scenario, 1, **for_eve),
        an_event_message("holder-000003", scenario, 3, **(for_eve | {"revision": 4})),
    ]


def test_whoever_signed_in_in_vain_is_told() -> None:
    scenario = _pending()
    scenario.then(refuse_sign_in(scenario.request, ADA, "approve", SignedInAsSomeoneElse(), NINE))

    assert scenario.of("actor-000002") == an_event_message(
        "actor-000002", scenario, 2, audience=Audience.ACTOR, person=ADA.as_person()
    )


def test_a_question_in_the_audit_channel_mentions_those_whom_only_the_channel_reaches() -> None:
    scenario = _pending()
    scenario.then(change.report_unreachable(scenario.request, in_directory(BO), NINE))
    scenario.then(waiting.remind(scenario.request, NINE))
    scenario.then(change.deny(scenario.request, ADA, "", NINE))

    audited = [scenario.of(f"audit-{number:06d}") for number in (1, 2, 3, 4)]
    assert [each.mentions for each in audited] == [(), (), (in_directory(BO),), ()]
    assert [each.is_routine for each in audited] == [True, False, False, True]


def test_the_warning_waits_for_the_next_event_in_the_audit_channel() -> None:
    scenario = _active()
    scenario.then(ends.warn(scenario.request, NINE))
    before = [scenario.of(f"audit-{number:06d}").opens for number in (3, 4)]
    scenario.then(change.end(scenario.request, NINE + HOUR))

    assert before == [True, False]
    assert scenario.of("audit-000004").opens is True


def test_a_copy_of_a_former_approver_loses_its_buttons() -> None:
    decides, looks = copy_key("id-1", decides=True), copy_key("id-2", decides=False)
    scenario = _pending()

    [own, other] = copies([decides, looks], scenario.events, {"id-1", "id-2"})
    [confirmed] = copies([confirmed_key("id-1")], scenario.events, {"id-1"})

    assert (own.key, own.audience) == (decides, Audience.FORMER_APPROVER)
    assert (other.key, other.audience) == (looks, Audience.REQUESTER)
    assert confirmed.audience is Audience.REQUESTER


def test_a_message_is_for_the_person_it_names_or_whose_copy_it_is() -> None:
    a_channel, former = a_card("audit-000001"), a_card("approver-id-3", reader="id-3")
    cards = [
        a_card("approver-id", person=in_directory(ADA)),
        a_card(copy_key("id-1", decides=True)),
        a_card(copy_key("id-2", decides=False)),
        a_card(confirmed_key("id-2")),
        a_channel,
        former,
    ]

    assert [recipient_of(each) for each in cards] == [
        ADA.object_id,
        "id-1",
        "id-2",
        "id-2",
        "",
        "",
    ]
    assert [reader_of(each) for each in cards[-3:]] == ["id-2", "", "id-3"]
    assert confirmed_key("id-2") != copy_key("id-2", decides=False)


def test_only_what_shows_the_present_can_change() -> None:
    scenario = _revoked()
    granted, revoked = scenario.of("requester-000003"), scenario.of("requester-000005")

    assert can_change(scenario.of("requester-card"))
    assert can_change(granted)
    assert not can_change(revoked)
    assert can_change(replace(revoked, audience=Audience.APPROVER))


def test_a_card_shows_no_event_before_the_first_one() -> None:
    [card] = copies([copy_key("id-1", decides=False)], [])

    assert card.revision == 0
