"""Remember what is drawn once, in each language by itself."""

from collections.abc import Callable
from functools import cache, wraps
from typing import TypeVar, TypeVarTuple

from cards.languages.language import Language, speaking, spoken

Asked = TypeVarTuple("Asked")
Drawn = TypeVar("Drawn")


def remembered(draw: Callable[[*Asked], Drawn]) -> Callable[[*Asked], Drawn]:
    """Draw once for each language and arguments; ``functools.cache`` would keep the first language.

    What is returned is shared, so nobody may change it.
    """

    @cache
    def kept(language: Language, *args: *Asked) -> Drawn:
        with speaking(language):
            return draw(*args)

    @wraps(draw)
    def drawn(*args: *Asked) -> Drawn:
        return kept(spoken(), *args)

    return drawn
