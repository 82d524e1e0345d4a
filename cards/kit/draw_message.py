"""Draw the message for an event of any workflow."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement

from cards.kit.elements import Content, card, fields, header, quote, rich_text
from cards.kit.message import EventMessage


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
