"""The message for one event of a request, for the requester and for the audit channel."""

from dataclasses import replace

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.access.messages.audit_messages import audit_message
from cards.access.messages.on_behalf_messages import FOR_YOU, asker_message, holder_message
from cards.access.messages.requester_messages import requester_message
from cards.access.parts.how_to_read import how_to_read, portal_buttons
from cards.access.parts.rule_approval import approved_by_rule
from cards.kit import verbs
from cards.kit.draw_message import draw_audit_message, draw_message
from cards.kit.elements import Content, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage
from cards.kit.secret_list import secret_list
from cards.languages.texts import say
from domain.access.request import AccessEvent, Request, RequestState
from domain.access.transitions.as_asked import as_asked_for
from domain.workflow import Event


def requester_card(request: Request, event: Event) -> Content:
    """Draw the requester's message for an event; ValueError if they get none for its kind."""
    kind, message = say("Your access request"), _requester_message(request, event)
    footer = correlation(request.id)
    by_rule = approved_by_rule(request)
    if event.kind == AccessEvent.GRANTED and request.beneficiary is None:
        more = [*by_rule, *_how_to_read_now(request)]
        return draw_message(kind, message, footer, more, _granted_buttons(request))
    return draw_message(kind, message, footer, [*secret_list(request), *by_rule])


def requester_summary(request: Request, event: Event) -> str:
    """Return the requester's notification for an event, in one line of plain text."""
    return _requester_message(request, event).summary()


def holder_card(request: Request, event: Event) -> Content:
    """Draw the grantee's message for an event; ValueError if they get none for its kind."""
    message, footer = holder_message(request, event), correlation(request.id)
    if event.kind == AccessEvent.GRANTED:
        return draw_message(
            say(FOR_YOU), message, footer, _how_to_read_now(request), _granted_buttons(request)
        )
    return draw_message(say(FOR_YOU), message, footer, secret_list(request))


def holder_summary(request: Request, event: Event) -> str:
    """Return the grantee's notification for an event, in one line of plain text."""
    return holder_message(request, event).summary()


def _requester_message(request: Request, event: Event) -> EventMessage:
    message_of = asker_message if request.beneficiary else requester_message
    return message_of(request, event)


def audit_card(request: Request, event: Event, number: int, link: str = "") -> Content:
    """Draw the audit message for an event.

    ``number`` is the event's number in the request, from 1; ``link`` is its hash in the chain.
    """
    footer = correlation(request.id, evidence_note(number, link))
    is_first = event.kind == AccessEvent.REQUESTED
    more = secret_list(as_asked_for(request, event.facts) if is_first else request)
    if event.kind != AccessEvent.APPROVED_BY_RULE:  # this one says it itself
        more = [*more, *approved_by_rule(request)]
    message = audit_message(request, event)
    return draw_audit_message(event, message, footer, more)


def outcome_card(request: Request, event: Event) -> Content:
    """Draw the outcome for the channel or group in which a request was made.

    What was written to the requester alone, and what auditors need, isn't in it.
    """
    message = replace(audit_message(request, event), fields=(), quoted=None)
    return draw_message(say("Access request"), message, correlation(request.id))


def audit_summary(request: Request, event: Event) -> str:
    """Return the audit channel's notification for an event, in one line of plain text."""
    return audit_message(request, event).summary()


def _how_to_read_now(request: Request) -> list[CardElement]:
    """Draw the commands while there is access; then only which secrets it was for."""
    is_active = request.state is RequestState.ACTIVE
    return how_to_read(request) if is_active else secret_list(request)


def _granted_buttons(request: Request) -> list[Action]:
    done = ExecuteAction(title=say("I'm done"), verb=verbs.DONE, data={verbs.REQUEST: request.id})
    is_active = request.state is RequestState.ACTIVE
    return [*portal_buttons(request), *([done] if is_active else [])]
