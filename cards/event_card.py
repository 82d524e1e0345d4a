"""The message for one event, for the requester and for the audit channel."""

from microsoft_teams.cards import Action, ExecuteAction

from cards import verbs
from cards.elements import Content, correlation
from cards.evidence_note import evidence_note
from cards.how_to_read import how_to_read, portal_buttons
from cards.on_behalf import tell_asker, tell_holder
from cards.secret_list import secret_list
from cards.telling import Telling
from cards.times import utc
from cards.to_audit import tell_audit
from cards.to_requester import tell_requester
from cards.told import draw
from domain.access import AccessEvent, Request, RequestState
from domain.workflow import Event

_FOR_YOU = "Access for you"


def requester_card(request: Request, event: Event) -> Content:
    """Draw what the requester is told of an event; ValueError for a kind they are not told of."""
    kind, telling = "Your access request", _tell_requester(request, event)
    footer = correlation(request.id)
    if event.kind == AccessEvent.GRANTED and request.beneficiary is None:
        return draw(kind, telling, footer, how_to_read(request), _granted_buttons(request))
    return draw(kind, telling, footer, secret_list(request))


def requester_summary(request: Request, event: Event) -> str:
    """Say an event to the requester in one line of plain text, for the notification."""
    return _tell_requester(request, event).summary()


def holder_card(request: Request, event: Event) -> Content:
    """Draw what whom access is for is told of an event; ValueError for what they are not."""
    telling, footer = tell_holder(request, event), correlation(request.id)
    if event.kind == AccessEvent.GRANTED:
        return draw(_FOR_YOU, telling, footer, how_to_read(request), _granted_buttons(request))
    return draw(_FOR_YOU, telling, footer, secret_list(request))


def holder_summary(request: Request, event: Event) -> str:
    """Say an event to whom access is for in one line of plain text, for the notification."""
    return tell_holder(request, event).summary()


def _tell_requester(request: Request, event: Event) -> Telling:
    tell = tell_asker if request.beneficiary else tell_requester
    return tell(request, event)


def audit_card(request: Request, event: Event, number: int, link: str = "") -> Content:
    """Draw an event for the audit channel.

    ``number`` is its place in the request, from 1, and ``link`` its hash in the chain.
    """
    footer = correlation(request.id, evidence_note(number, link))
    return draw(
        f"Audit · {utc(event.at)}", tell_audit(request, event), footer, secret_list(request)
    )


def audit_summary(request: Request, event: Event) -> str:
    """Say an event to the audit channel in one line of plain text, for the notification."""
    return tell_audit(request, event).summary()


def _granted_buttons(request: Request) -> list[Action]:
    done = ExecuteAction(title="I'm done", verb=verbs.DONE, data={verbs.REQUEST: request.id})
    is_active = request.state is RequestState.ACTIVE
    return [*portal_buttons(request), *([done] if is_active else [])]
