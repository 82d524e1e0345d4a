"""The message for one event, for the requester and for the audit channel."""

from microsoft_teams.cards import Action, CardElement, Container, ExecuteAction, OpenUrlAction

from cards import text, verbs
from cards.elements import Content, caption, correlation, paragraph, run
from cards.evidence_note import evidence_note
from cards.on_behalf import tell_asker, tell_holder
from cards.reading import cli_line, portal_link
from cards.telling import Telling
from cards.times import local, utc
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
        return draw(kind, telling, footer, _how_to_read(request), _granted_buttons(request))
    return draw(kind, telling, footer)


def requester_summary(request: Request, event: Event) -> str:
    """Say an event to the requester in one line of plain text, for the notification."""
    return _tell_requester(request, event).summary()


def holder_card(request: Request, event: Event) -> Content:
    """Draw what whom access is for is told of an event; ValueError for what they are not."""
    telling, footer = tell_holder(request, event), correlation(request.id)
    if event.kind == AccessEvent.GRANTED:
        return draw(_FOR_YOU, telling, footer, _how_to_read(request), _granted_buttons(request))
    return draw(_FOR_YOU, telling, footer)


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
    return draw(f"Audit · {utc(event.at)}", tell_audit(request, event), footer)


def audit_summary(request: Request, event: Event) -> str:
    """Say an event to the audit channel in one line of plain text, for the notification."""
    return tell_audit(request, event).summary()


def _how_to_read(request: Request) -> list[CardElement]:
    """Draw how the requester gets at the value with their own identity."""
    expires_at = request.granted.expires_at
    command = cli_line(text.id_of(request.vault), text.id_of(request.secret))
    return [
        *(
            [caption(f"That is {local(expires_at)} your local time.", "Small")]
            if expires_at
            else []
        ),
        Container(
            style="emphasis",
            spacing="Medium",
            items=[
                caption("Read it with your own sign-in"),
                paragraph(run(command, mono=True, size="Small"), spacing="Small"),
            ],
        ),
        caption(
            "Azure can take some minutes until access works everywhere: if a read is refused, "
            "try again. The value never passes through this bot.",
            "Medium",
        ),
    ]


def _granted_buttons(request: Request) -> list[Action]:
    done = ExecuteAction(title="I'm done", verb=verbs.DONE, data={verbs.REQUEST: request.id})
    is_active = request.state is RequestState.ACTIVE
    return [_portal_button(request), *([done] if is_active else [])]


def _portal_button(request: Request) -> OpenUrlAction:
    secret = text.id_of(request.secret)
    link = portal_link(request.requester.tenant_id, request.terms.vault_url, secret)
    return OpenUrlAction(title="Open in the Azure portal", url=link)
