"""Which words of each card are in no catalogue: ``python -m tests.cards.languages.left access``.

Each card is drawn in wide letters (``wide.py``), and everything from people and Azure in Greek.
"""

import sys

from cards.kit.elements import Content
from cards.languages.language import speaking
from tests.cards.gallery import every_card
from tests.cards.languages.wide import WIDE, plain_words
from tests.cards.test_every_card import leaves

FROM_PEOPLE = "Ωμέγα"
_SHOWN = {
    "altText",
    "errorMessage",
    "label",
    "legend",
    "placeholder",
    "text",
    "title",
    "tooltip",
    "value",
    "x",
    "xAxisTitle",
    "yAxisTitle",
}


def every_wide_card() -> dict[str, Content]:
    """Draw every card in wide letters."""
    with speaking(WIDE):
        return every_card(FROM_PEOPLE)


def left_in(content: Content) -> list[str]:
    """Return the texts of a card with the words that no catalogue has, in order."""
    texts = [value for _, key, value in leaves(content) if key in _SHOWN and isinstance(value, str)]
    return [text for text in texts if plain_words(text)]


if __name__ == "__main__":
    for name, content in every_wide_card().items():
        if not sys.argv[1:] or any(name.startswith(start) for start in sys.argv[1:]):
            for text in left_in(content):
                sys.stdout.write(f"{name}: {text}\n")
