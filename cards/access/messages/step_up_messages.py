"""Messages about fresh sign-ins: what one confirmed, and what one didn't."""

from cards.kit import text
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, Field, Sentence, correlation
from cards.kit.message import EventMessage, actor_of, fact, moment_in, person, quoted, secrets_of
from cards.kit.secret_list import secret_list
from cards.kit.sentences import sentence
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.refusals.sign_ins import SIGN_INS
from cards.reasons.sentences import sentence_in
from domain.access.request import Request
from domain.phrases import mark
from domain.reasons import reason_in
from domain.workflow import Event

# The reason says what came before, such as somebody else's approval; these stay true beside it.
_ACTS = {
    "approval": mark("{actor}'s approval of {who}'s request for {secrets} didn't count."),
    "extension": mark(
        "{actor}'s approval of more time for {who}'s request for {secrets} didn't count."
    ),
    "request": mark("{actor}'s request for {secrets} didn't count."),
    "request_for": mark("{actor}'s request to let {reader} read {secrets} didn't count."),
    "break_glass": mark("{actor}'s attempt to take break-glass access to {secrets} didn't count."),
}
_DECISION = mark("{actor}'s decision about {who}'s request for {secrets} didn't count.")

_OWN_ACTS = {
    "approval": mark("Your approval of {who}'s request for {secrets} didn't count."),
    "extension": mark("Your approval of more time for {who}'s request for {secrets} didn't count."),
    "request": mark("Your request for {secrets} didn't count."),
    "request_for": mark("Your request to let {reader} read {secrets} didn't count."),
    "break_glass": mark("Your attempt to take break-glass access to {secrets} didn't count."),
}
_OWN_DECISION = mark("Your decision about {who}'s request for {secrets} didn't count.")


_REFUSED = mark("Refused after the sign-in")


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
        title=say("Sign-in didn't count") if _failed(event) else say(_REFUSED),
        tone=Tone.WARNING,
        sentence=_did_not_count(_ACTS.get(_act(request, event), _DECISION), request, event),
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
        title=say("Not confirmed") if _failed(event) else say(_REFUSED),
        tone=Tone.WARNING,
        sentence=_did_not_count(_OWN_ACTS.get(_act(request, event), _OWN_DECISION), request, event),
        quoted=quoted(say("Why"), sentence_in(event)),
    )


def _act(request: Request, event: Event) -> str:
    act = fact(event, "act")
    return "request_for" if act == "request" and request.colleague else act


def _failed(event: Event) -> bool:
    """Return whether the sign-in was no good, or not done; else what it confirmed was refused."""
    why = reason_in(event.facts)
    return why is not None and why.code in SIGN_INS


def _did_not_count(act: str, request: Request, event: Event) -> Sentence:
    return sentence(
        act,
        actor=actor_of(event),
        who=person(request.requester),
        reader=person(request.colleague or request.holder),
        secrets=secrets_of(request),
    )
