"""One sentence on a card, for answers that may repeat what people wrote."""

from microsoft_teams.cards import Container

from cards.kit import text
from cards.kit.elements import Content, card, paragraph, run
from cards.kit.tone import Tone

_LONGEST = 4_000
"""Room for an answer about as many secrets as one request may name, each with its reason."""


def notice(sentence: str, tone: Tone) -> Content:
    """Draw one sentence in a tone."""
    band = Container(
        style=tone.value, bleed=True, items=[paragraph(run(text.lines(sentence, _LONGEST)))]
    )
    return card([band])
