"""Messages about fresh sign-ins: what one confirmed, and what one didn't."""

from cards.kit import text
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, Field, Sentence, correlation
from cards.kit.message import EventMessage, actor_of, fact, moment_in, person, quoted, secrets_of
from cards.kit.secret_list import secret_list
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from domain.access.request import Request
from domain.phrases import mark
from domain.workflow import Event

_ACTS = {
    "approval": mark("{actor}'s approval of {who}'s request for {secrets} wasn't confirmed."),
    "extension": mark(
        "{actor}'s approval of more time for {who}'s request for {secrets} wasn't confirmed."
    ),
    "request": mark("{actor}'s request for {secrets} wasn't confirmed."),
    "request_for": mark("{actor}'s request to let {reader} read {secrets} wasn't confirmed."),
    "break_glass": mark("{actor}'s break-glass access to {secrets} wasn't confirmed."),
}
_DECISION = mark("{actor}'s decision about {who}'s request for {secrets} wasn't confirmed.")

_OWN_ACTS = {
    "approval": mark("Your approval of {who}'s request for {secrets} wasn't confirmed."),
    "extension": mark(
        "Your approval of more time for {who}'s request for {secrets} wasn't confirmed."
    ),
    "request": mark("Your request for {secrets} wasn't confirmed."),
    "request_for": mark("Your request to let {reader} read {secrets} wasn't confirmed."),
    "break_glass": mark("Your break-glass access to {secrets} wasn't confirmed."),
}
_OWN_DECISION = mark("Your decision about {who}'s request for {secrets} wasn't confirmed.")


def confirmation(event: Event) -> str:
    """Say when and how the person signed in to confirm an event; empty if they didn't have to."""
    at = moment_in(event, "signed_in_at")
    if at is None:
        return ""
    by, contexts = text.line(fact(event, "signed_in_by")), text.line(fact(event, "signed_in_for"))
    context = say("context {contexts}", contexts=contexts) if contexts else ""
    return ", ".join(filter(None, [utc(at), by, context]))


def confirmation_fields(event: Event) -> tuple[Field, ...]:
    """Draw the sign-in that confirmed an event; empty if there was none."""
    said = confirmation(event)
    return (Field(say("Confirmed by sign-in"), said),) if said else ()


def refused_sign_in_message(request: Request, event: Event) -> EventMessage:
    """Write the audit message for a sign-in that confirmed nothing."""
    return EventMessage(
        title=say("Sign-in didn't count"),
        tone=Tone.WARNING,
        sentence=_nothing_decided(_ACTS.get(_act(request, event), _DECISION), request, event),
        quoted=quoted(say("Why"), sentence_in(event, person=actor_of(event).words)),
    )


def own_refused_sign_in_card(request: Request, event: Event) -> Content:
    """Draw the message for the person whose sign-in confirmed nothing."""
    return draw_message(
        say("Confirm it's you"),
        _own_message(request, event),
        correlation(request.id),
        secret_list(request),
    )


def own_refused_sign_in_summary(request: Request, event: Event) -> str:
    """Return that person's notification, in one line of plain text."""
    return _own_message(request, event).summary()


def _own_message(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Not confirmed"),
        tone=Tone.WARNING,
        sentence=_nothing_decided(
            _OWN_ACTS.get(_act(request, event), _OWN_DECISION), request, event
        ),
        quoted=quoted(say("Why"), sentence_in(event)),
    )


def _act(request: Request, event: Event) -> str:
    act = fact(event, "act")
    return "request_for" if act == "request" and request.colleague else act


def _nothing_decided(act: str, request: Request, event: Event) -> Sentence:
    not_confirmed = sentence(
        act,
        actor=actor_of(event),
        who=person(request.requester),
        reader=person(request.colleague or request.holder),
        secrets=secrets_of(request),
    )
    return together(not_confirmed, say("Nothing was decided."))
