"""Messages about events say what was true at the time, however late they are drawn."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from cards.access.approvals_card import approvals_card
from cards.access.event_card import audit_card, audit_summary, holder_summary, requester_card
from cards.access.own_card import own_card
from cards.access.request_card import request_card
from domain.access.approval import LeftOut
from domain.access.request import Request
from domain.access.terms import Reviewers
from domain.access.transitions import break_glass, changes, extensions
from domain.access.transitions.approvers import Today, follow_rules
from domain.people import Actor, Principals
from domain.workflow import Change, Event, Fact
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import (
    ADA,
    BO,
    CY,
    DANA,
    HOUR,
    VAULT_ID,
    a_request,
    a_target,
    active,
    ended_early,
    extending,
    granting,
    minutes,
    other_approvers,
)

ASKED = changes.submit(
    a_request(targets=(a_target("demo-api-key", secret_scope=f"{VAULT_ID}/secrets/demo-api-key"),))
)
TWO = replace(ASKED.head, terms=replace(ASKED.head.terms, min_approvals=2))
HALF_AN_HOUR = timedelta(minutes=30)


def allowed_less(request: Request = ASKED.head, by: Actor = ADA) -> Change[Request]:
    return changes.approve(request, by, minutes(4), window=HALF_AN_HOUR, narrowed=True)


def without(event: Event, *names: str) -> Event:
    """Return the event as an older version wrote it."""
    facts: Mapping[str, Fact] = {
        name: value for name, value in event.facts.items() if name not in names
    }
    return replace(event, facts=facts)


def test_the_audit_message_about_a_request_says_what_was_asked_for() -> None:
    seen = whole_text(audit_card(allowed_less().head, ASKED.events[0], 1))

    assert "for 1 hour 30 minutes." in seen
    assert "The whole vault: 37 secrets" in seen
    assert "Approved by" not in seen


ONLY_CY = Today(approvers=(CY.as_person(),))


def test_the_audit_message_about_a_request_names_those_who_could_decide_it_then() -> None:
    changed = follow_rules(ASKED.head, ONLY_CY, minutes(6))
    assert changed
    [event] = ASKED.events

    assert "Approvers Ada Approver and Bo Backup" in whole_text(audit_card(changed.head, event, 1))
    older = without(event, "approvers")
    assert "Approvers not known" in whole_text(audit_card(changed.head, older, 1))
    assert "Approvers Ada Approver and Bo Backup" in whole_text(audit_card(ASKED.head, older, 1))


def test_the_audit_message_about_other_approvers_names_those_of_then() -> None:
    first = follow_rules(ASKED.head, ONLY_CY, minutes(6))
    assert first
    left_out = replace(first.head, left_out=(LeftOut(first.head.targets[0], CY),))
    second = follow_rules(left_out, Today(approvers=(ADA.as_person(),)), minutes(7))
    assert second

    seen = whole_text(audit_card(second.head, first.events[0], 2))

    assert "Approvers Cy Chief" in seen
    assert "or the secrets" not in seen


def test_the_audit_message_about_break_glass_access_names_those_who_could_review_it_then() -> None:
    begun = break_glass.take(a_request(), ())
    again = break_glass.ask_review(begun.head, minutes(1_440))
    reviewers = Reviewers((CY.as_person(),), Principals((CY.as_person(),)))
    nobody = Today(approvers=(), reviewers=reviewers)
    changed = follow_rules(again.head, nobody, minutes(1_500))
    assert changed
    given_back = replace(changed.head, reviewers=None)

    for event in (*begun.events, *again.events):
        seen = whole_text(audit_card(changed.head, event, 1))
        assert "Approvers Ada Approver and Bo Backup" in seen
    assert "an admin has to review" in whole_text(audit_card(given_back, changed.events[0], 3))


def test_the_audit_message_about_watching_says_why_it_was_done() -> None:
    unanswered = replace(changes.end(active(), minutes(95)).head, unanswered=1)
    watched = changes.watch(unanswered, [], minutes(110), minutes(96))
    later = replace(watched.head, unanswered=0)

    assert "Azure didn't answer" in audit_summary(later, watched.events[0])


def test_the_audit_message_about_an_approval_says_by_how_much_it_allows_less() -> None:
    limited = allowed_less()

    assert "1 of 1 needed. Allowed: for 30 minutes, only this secret." in audit_summary(
        limited.head, limited.events[0]
    )


def test_an_approval_of_everything_names_no_limits() -> None:
    approved = changes.approve(ASKED.head, ADA, minutes(4))

    assert "Allowed" not in audit_summary(approved.head, approved.events[0])
    assert "Ada Approver ,  for" not in whole_text(request_card(approved.head, buttons=False))


def test_the_grantee_of_a_colleagues_request_reads_what_was_asked_for() -> None:
    limited = replace(allowed_less().head, beneficiary=CY.as_person())

    assert "for 1 hour 30 minutes, for you" in holder_summary(limited, ASKED.events[0])


def test_the_audit_message_about_a_grant_says_until_when_it_was_given() -> None:
    granted = changes.grant(granting(), minutes(5), minutes(5))
    extended = extensions.extend(granted.head, ADA, HOUR, minutes(80)).head

    seen = whole_text(audit_card(extended, granted.events[0], 3))

    assert "15:40 UTC" in seen
    assert "16:40 UTC" not in seen


def test_the_end_of_a_grant_that_an_older_version_wrote_is_the_present_one() -> None:
    granted = changes.grant(granting(), minutes(5), minutes(5))
    old = without(granted.events[0], "expires_at")

    assert "15:40 UTC" in whole_text(audit_card(granted.head, old, 3))


def test_a_question_about_more_time_names_the_end_that_there_was() -> None:
    asked = extensions.ask_extension(active(), DANA, HOUR, minutes(81))
    extended = extensions.extend(asked.head, ADA, HOUR, minutes(83)).head

    for head in (asked.head, extended):
        assert "which ends on 21 Nov 2026, 15:40 UTC" in audit_summary(head, asked.events[0])


def test_an_older_question_names_the_end_only_while_it_is_open() -> None:
    asked = extensions.ask_extension(active(), DANA, HOUR, minutes(81))
    old = without(asked.events[0], "expires_at")
    extended = extensions.extend(asked.head, ADA, HOUR, minutes(83)).head

    assert "which ends on 21 Nov 2026, 15:40 UTC" in audit_summary(extending(), old)
    assert "which ends on an unknown date" in audit_summary(extended, old)


def test_an_audit_message_says_until_when_azure_was_to_be_checked_then() -> None:
    watched = changes.watch(ended_early(), [], minutes(32), minutes(31))
    longer = changes.watch(watched.head, [], minutes(40), minutes(32)).head

    assert "until 21 Nov 2026, 14:37 UTC" in audit_summary(longer, watched.events[0])


def test_no_card_says_that_what_was_allowed_is_what_was_asked_for() -> None:
    limited = allowed_less().head
    half = allowed_less(TWO).head
    denied = changes.deny(half, BO, "", minutes(5)).head

    assert "asked to read  demo-api-key  in  kv-demo . Approved for 30 minutes." in whole_text(
        request_card(limited, buttons=False)
    )
    assert "asks to read  demo-api-key  in  kv-demo . It would be for 30 minutes at most." in (
        whole_text(request_card(half, buttons=True))
    )
    for drawn in (request_card(denied, buttons=False), own_card(denied, minutes(6))):
        assert "asked to read  demo-api-key  in  kv-demo ." in whole_text(drawn)
        assert "for 30 minutes." not in whole_text(drawn)


def test_a_card_does_not_take_a_former_approvers_limit_for_what_was_asked_for() -> None:
    assert "It would be for 1 hour 30 minutes at most." in whole_text(
        request_card(other_approvers().head, buttons=True)
    )


def test_a_card_for_a_colleague_says_the_same() -> None:
    for_cy = replace(allowed_less().head, beneficiary=CY.as_person())

    assert "asked to let  Cy Chief  read  demo-api-key  in  kv-demo . Approved for 30 minutes." in (
        whole_text(request_card(for_cy, buttons=False))
    )


def test_the_list_of_what_waits_shows_a_limit_as_one() -> None:
    assert "demo-api-key  for at most 30 minutes" in whole_text(
        approvals_card([allowed_less(TWO).head], 0, minutes(5))
    )


def test_the_requester_sees_who_allowed_less() -> None:
    granted = changes.grant(allowed_less().head, minutes(5), minutes(5))

    assert "Allowed for 30 minutes, only this secret, by Ada Approver" in whole_text(
        requester_card(granted.head, granted.events[0])
    )
    assert "Approved by  Ada Approver ,  for 30 minutes, only this secret" in whole_text(
        own_card(granted.head, minutes(6))
    )
