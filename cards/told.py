"""How what is told of an event is drawn, whatever kind of workflow it belongs to."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement

from cards.elements import Content, card, fields, header, quote, say
from cards.telling import Telling


def draw(
    kind: str,
    telling: Telling,
    footer: CardElement,
    more: Sequence[CardElement] = (),
    actions: Sequence[Action] = (),
) -> Content:
    """Draw a telling under its ``kind``, in our own words, with what more belongs to it."""
    body = [
        header(kind, telling.title, telling.tone),
        say(telling.sentence),
        *fields(telling.fields),
        *([quote(*telling.quoted)] if telling.quoted else []),
        *more,
        footer,
    ]
    return card(body, actions)
