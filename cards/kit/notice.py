"""One sentence on a card, for answers that may contain text from people."""

from microsoft_teams.cards import Container

from cards.kit import text
from cards.kit.elements import Content, card, paragraph, run
from cards.kit.tone import Tone

_LONGEST = 4_000
"""Room for an answer about the most secrets that a request can name, each with its reason."""


def notice(sentence: str, tone: Tone) -> Content:
    """Draw one sentence in a tone."""
    band = Container(
        style=tone.value, bleed=True, items=[paragraph(run(text.lines(sentence, _LONGEST)))]
    )
    return card([band])
