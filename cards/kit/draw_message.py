"""Draw the message for an event of any workflow."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement

from cards.kit.elements import Content, card, fields, header, quote, rich_text
from cards.kit.message import EventMessage
from cards.kit.times import utc
from cards.languages.texts import say
from domain.workflow import Event


def draw_message(
    kind: str,
    message: EventMessage,
    footer: CardElement,
    more: Sequence[CardElement] = (),
    actions: Sequence[Action] = (),
) -> Content:
    """Draw a message under its ``kind`` (our own text only), followed by ``more``."""
    body = [
        header(kind, message.title, message.tone),
        rich_text(message.sentence),
        *fields(message.fields),
        *([quote(*message.quoted)] if message.quoted else []),
        *more,
        footer,
    ]
    return card(body, actions)


def draw_audit_message(
    event: Event, message: EventMessage, footer: CardElement, more: Sequence[CardElement] = ()
) -> Content:
    """Draw a message for the audit channel, under the time of its event."""
    return draw_message(audit_kind(event), message, footer, more)


def audit_kind(event: Event) -> str:
    """Return what stands above an event's message in the audit channel."""
    return say("Audit · {moment}", moment=utc(event.at))
