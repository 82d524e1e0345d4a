"""Messages about access that someone requested for a colleague: each names the right person."""

from dataclasses import replace

import pytest

from cards.access.approvals_card import approvals_card
from cards.access.event_card import (
    audit_summary,
    holder_card,
    holder_summary,
    requester_card,
    requester_summary,
)
from cards.access.messages.step_up_messages import own_refused_sign_in_summary
from cards.access.step_up_card import extension_step_up_card
from cards.access.window_card import approver_card, warning_card, window_summary
from cards.audit.history_card import HistoryPages, history_card
from domain.access.assignment import End
from domain.access.request import Request
from domain.access.sign_in.refused_sign_ins import refuse_unconfirmed
from domain.access.transitions import changes, ends, extensions, waiting
from domain.people import Actor
from domain.refusals.decisions import NoLongerAllowed
from domain.refusals.secrets import NotRequestable
from domain.refusals.sign_ins import SignInDeclined
from domain.workflow import Change, Event, Fact
from tests.cards.reading_cards import whole_text
from tests.cards.scenarios import (
    ADA,
    CY,
    DANA,
    GIVEN_UP,
    HOUR,
    a_request,
    active,
    granting,
    minutes,
    planned,
)

FOUND = [End(shared=False, found=True)]
STILL: dict[str, Fact] = {
    "still_until": minutes(150).isoformat(),
    "still_secrets": "demo-api-key",
}


def for_cy(request: Request) -> Request:
    return replace(request, beneficiary=CY.as_person())


def ended_by(actor: Actor, still: dict[str, Fact] | None = None) -> Change[Request]:
    ending = changes.end_early(for_cy(active()), actor, minutes(30)).head
    return changes.revoke(ending, FOUND, minutes(31), still or {})


def more_asked_by(actor: Actor) -> tuple[Request, Event]:
    asked = extensions.ask_extension(for_cy(active()), actor, HOUR, minutes(81))
    return asked.head, asked.events[0]


def vanished(request: Request) -> Request:
    return changes.close_missing(request, request.assignments[0], minutes(85)).head


@pytest.mark.parametrize("still", [{}, STILL])
def test_the_grantee_reads_that_the_requester_ended_it(still: dict[str, Fact]) -> None:
    ended = ended_by(DANA, still)

    assert "Dana Developer ended it early." in holder_summary(ended.head, ended.events[0])
    assert "You ended it early." in requester_summary(ended.head, ended.events[0])


@pytest.mark.parametrize("still", [{}, STILL])
def test_a_grantee_who_ended_it_reads_that_they_did(still: dict[str, Fact]) -> None:
    ended = ended_by(CY, still)

    assert "You ended it early." in holder_summary(ended.head, ended.events[0])
    assert "Cy Chief ended it early." in requester_summary(ended.head, ended.events[0])


def test_the_audit_channel_reads_a_name_whoever_ended_it() -> None:
    for actor in (DANA, CY):
        ended = ended_by(actor)

        assert f"{actor.name} ended it early." in audit_summary(ended.head, ended.events[0])


def test_an_extension_is_asked_for_by_the_one_who_did() -> None:
    seen = window_summary(*more_asked_by(CY))

    assert "Cy Chief asks for 1 hour more access to demo-api-key in kv-demo" in seen
    assert "Dana" not in seen


def test_an_extension_that_the_requester_asks_for_names_whose_access_it_is() -> None:
    seen = window_summary(*more_asked_by(DANA))

    assert "Dana Developer asks for 1 hour more access for Cy Chief to demo-api-key" in seen


def test_an_extension_without_a_known_asker_names_whose_access_it_is() -> None:
    request, event = more_asked_by(CY)
    unsigned = replace(event, actor=None)

    seen = whole_text(approver_card(request, unsigned))

    assert "Cy Chief 's access to  demo-api-key  in  kv-demo  ends on" in seen
    assert "and 1 hour more is requested." in seen
    assert "Latchkey" not in seen


def test_neither_is_said_to_have_asked_for_an_extension_that_was_not_decided() -> None:
    ending = changes.end(more_asked_by(CY)[0], minutes(95)).head
    ended = changes.revoke(ending, FOUND, minutes(96))

    for drawn in (holder_card, requester_card):
        seen = whole_text(drawn(ended.head, ended.events[0]))
        assert "The request for 1 hour more wasn't decided in time." in seen


@pytest.mark.parametrize(
    "ending",
    [
        changes.end_early(more_asked_by(CY)[0], DANA, minutes(85)).head,
        vanished(more_asked_by(CY)[0]),
    ],
)
def test_an_extension_is_not_said_to_have_had_its_time_if_access_ended_early(
    ending: Request,
) -> None:
    ended = changes.revoke(ending, FOUND, minutes(86))

    for drawn in (holder_card, requester_card):
        seen = whole_text(drawn(ended.head, ended.events[0]))
        assert "The request for 1 hour more hadn't been decided by then." in seen
        assert "in time" not in seen


def test_the_warning_to_the_grantee_is_about_their_access_and_no_request_of_theirs() -> None:
    warned = ends.warn(for_cy(active()), minutes(80))

    assert "Access for you" in whole_text(
        warning_card(warned.head, warned.events[0], for_holder=True)
    )
    assert "Your access request" in whole_text(warning_card(warned.head, warned.events[0]))


def test_the_audit_channel_reads_who_did_not_get_access() -> None:
    given_up = changes.give_up(for_cy(granting()), GIVEN_UP, minutes(14))
    failed = changes.revoke(given_up.head, [End(shared=False, found=False)], minutes(15))

    assert "could not be granted to Cy Chief" in audit_summary(given_up.head, given_up.events[0])
    assert "Cy Chief didn't get access" in audit_summary(failed.head, failed.events[0])


def test_the_audit_channel_reads_for_whom_a_blocked_request_was() -> None:
    blocked = changes.block(for_cy(a_request()), NotRequestable("demo-api-key"))

    assert "Dana Developer asked to let Cy Chief read demo-api-key in kv-demo and was refused." in (
        audit_summary(blocked.head, blocked.events[0])
    )


def test_the_audit_channel_reads_for_whom_a_blocked_request_was_who_is_not_in_the_directory() -> (
    None
):
    for_gone = replace(a_request(), unknown_grantee="gone@contoso.com")
    blocked = changes.block(for_gone, NotRequestable("demo-api-key"))

    assert "Dana Developer asked to let gone@contoso.com read demo-api-key" in (
        audit_summary(blocked.head, blocked.events[0])
    )


def test_a_request_that_was_not_confirmed_names_whom_the_directory_did_not_know() -> None:
    for_gone = replace(a_request(), unknown_grantee="gone@contoso.com")
    refused = refuse_unconfirmed(for_gone, "request", SignInDeclined(), minutes(1))

    seen = audit_summary(refused.head, refused.events[0])

    assert "Dana Developer's request to let gone@contoso.com read" in seen


def test_a_request_that_was_not_confirmed_names_the_grantee() -> None:
    refused = refuse_unconfirmed(for_cy(a_request()), "request", SignInDeclined(), minutes(1))
    head, event = refused.head, refused.events[0]

    assert "Dana Developer's request to let Cy Chief read" in audit_summary(head, event)
    assert "Your request to let Cy Chief read" in own_refused_sign_in_summary(head, event)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (a_request(), "Dana Developer  wants  demo-api-key  for  Cy Chief , for 1 hour 30 minutes"),
        (planned(), "for 1 hour 30 minutes, starting 21 Nov 2026, 17:05 UTC"),
        (more_asked_by(CY)[0], "Cy Chief  would get  demo-api-key  for 1 hour more"),
    ],
)
def test_the_list_of_what_waits_names_the_grantee(request_: Request, expected: str) -> None:
    assert expected in whole_text(approvals_card([for_cy(request_)], 0, minutes(82)))


def test_an_approver_confirms_more_time_for_the_grantee() -> None:
    card = extension_step_up_card(more_asked_by(DANA)[0], "source", "https://example.com")

    assert "To allow  Cy Chief  1 hour more of" in whole_text(card)


def test_the_history_names_the_grantee_and_who_asked() -> None:
    seen = whole_text(history_card([for_cy(active())], HistoryPages(this=""), since=None))

    assert "for Cy Chief (asked by Dana Developer), 1 hour 30 minutes" in seen


def test_both_read_that_what_was_asked_for_a_colleague_cannot_be_approved() -> None:
    why = NoLongerAllowed("demo-api-key", "Dana Developer", "Cy Chief").reason
    pending = waiting.note_not_allowed(for_cy(a_request()), why, minutes(60))
    extending, _ = more_asked_by(CY)
    more = waiting.note_not_allowed(extending, why, minutes(82), ADA)

    assert "Your request for demo-api-key" in requester_summary(pending.head, pending.events[0])
    assert "Dana Developer's request for you" in holder_summary(pending.head, pending.events[0])
    assert "Cy Chief's access" in requester_summary(more.head, more.events[0])
    assert "your access" in holder_summary(more.head, more.events[0])
