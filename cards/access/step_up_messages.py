"""Messages about fresh sign-ins: what one confirmed, and what one didn't."""

from datetime import datetime

from cards.kit import text
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, Field, Sentence, correlation
from cards.kit.message import EventMessage, actor_of, fact, person, quoted, secrets_of
from cards.kit.secret_list import secret_list
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_in
from domain.access.request import Request
from domain.workflow import Event

_ACTS = {
    "approval": "approval of",
    "extension": "approval of more time for",
    "request": "request for",
    "break_glass": "break-glass access to",
}
_OF_THEIR_OWN = frozenset({"request", "break_glass"})
"""What was never stored as a request, so the person is also the one who asked."""


def confirmation(event: Event) -> str:
    """Say when and how the person signed in to confirm an event; empty if they didn't have to."""
    try:
        at = utc(datetime.fromisoformat(fact(event, "signed_in_at")))
    except ValueError:
        return ""
    by, contexts = text.line(fact(event, "signed_in_by")), text.line(fact(event, "signed_in_for"))
    return ", ".join([at, *([by] if by else []), *([f"context {contexts}"] if contexts else [])])


def confirmation_fields(event: Event) -> tuple[Field, ...]:
    """Draw the sign-in that confirmed an event; empty if there was none."""
    said = confirmation(event)
    return (Field("Confirmed by sign-in", said),) if said else ()


def refused_sign_in_message(request: Request, event: Event) -> EventMessage:
    """Write the audit message for a sign-in that confirmed nothing."""
    return EventMessage(
        title="Sign-in didn't count",
        tone=Tone.WARNING,
        sentence=(actor_of(event), "'s ", *_what(request, event), " wasn't confirmed. ", _NOTHING),
        quoted=quoted("Why", sentence_in(event)),
    )


def own_refused_sign_in_card(request: Request, event: Event) -> Content:
    """Draw the message for the person whose sign-in confirmed nothing."""
    return draw_message(
        "Confirm it's you",
        _own_message(request, event),
        correlation(request.id),
        secret_list(request),
    )


def own_refused_sign_in_summary(request: Request, event: Event) -> str:
    """Return that person's notification, in one line of plain text."""
    return _own_message(request, event).summary()


def _own_message(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Not confirmed",
        tone=Tone.WARNING,
        sentence=("Your ", *_what(request, event), " wasn't confirmed. ", _NOTHING),
        quoted=quoted("Why", sentence_in(event)),
    )


_NOTHING = "Nothing was decided."


def _what(request: Request, event: Event) -> Sentence:
    act = fact(event, "act")
    words = f"{_ACTS.get(act, 'decision about')} "
    if act in _OF_THEIR_OWN:
        return (words, *secrets_of(request))
    return (words, person(request.requester), "'s request for ", *secrets_of(request))
