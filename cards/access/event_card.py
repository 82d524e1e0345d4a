"""The message for one event, for the requester and for the audit channel."""

from microsoft_teams.cards import Action, ExecuteAction

from cards.access.audit_messages import audit_message
from cards.access.how_to_read import how_to_read, portal_buttons
from cards.access.on_behalf_messages import asker_message, holder_message
from cards.access.requester_messages import requester_message
from cards.kit import verbs
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage
from cards.kit.secret_list import secret_list
from cards.kit.times import utc
from domain.access.request import AccessEvent, Request, RequestState
from domain.workflow import Event

_FOR_YOU = "Access for you"


def requester_card(request: Request, event: Event) -> Content:
    """Draw what the requester is told of an event; ValueError for a kind they are not told of."""
    kind, message = "Your access request", _requester_message(request, event)
    footer = correlation(request.id)
    if event.kind == AccessEvent.GRANTED and request.beneficiary is None:
        return draw_message(kind, message, footer, how_to_read(request), _granted_buttons(request))
    return draw_message(kind, message, footer, secret_list(request))


def requester_summary(request: Request, event: Event) -> str:
    """Say an event to the requester in one line of plain text, for the notification."""
    return _requester_message(request, event).summary()


def holder_card(request: Request, event: Event) -> Content:
    """Draw what whom access is for is told of an event; ValueError for what they are not."""
    message, footer = holder_message(request, event), correlation(request.id)
    if event.kind == AccessEvent.GRANTED:
        return draw_message(
            _FOR_YOU, message, footer, how_to_read(request), _granted_buttons(request)
        )
    return draw_message(_FOR_YOU, message, footer, secret_list(request))


def holder_summary(request: Request, event: Event) -> str:
    """Say an event to whom access is for in one line of plain text, for the notification."""
    return holder_message(request, event).summary()


def _requester_message(request: Request, event: Event) -> EventMessage:
    tell = asker_message if request.beneficiary else requester_message
    return tell(request, event)


def audit_card(request: Request, event: Event, number: int, link: str = "") -> Content:
    """Draw an event for the audit channel.

    ``number`` is its place in the request, from 1, and ``link`` its hash in the chain.
    """
    footer = correlation(request.id, evidence_note(number, link))
    return draw_message(
        f"Audit · {utc(event.at)}", audit_message(request, event), footer, secret_list(request)
    )


def audit_summary(request: Request, event: Event) -> str:
    """Say an event to the audit channel in one line of plain text, for the notification."""
    return audit_message(request, event).summary()


def _granted_buttons(request: Request) -> list[Action]:
    done = ExecuteAction(title="I'm done", verb=verbs.DONE, data={verbs.REQUEST: request.id})
    is_active = request.state is RequestState.ACTIVE
    return [*portal_buttons(request), *([done] if is_active else [])]
