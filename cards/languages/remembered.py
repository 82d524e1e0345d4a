"""Remember what is drawn once, in each language by itself."""

import json
from collections.abc import Callable
from functools import cache, cached_property, wraps
from typing import Any, TypeVarTuple

from cards.languages.language import Language, speaking, spoken

Asked = TypeVarTuple("Asked")


class RememberedCard(dict[str, Any]):
    """A card that is shared, so nobody may change it; it is written as JSON once, too."""

    @cached_property
    def written(self) -> bytes:
        """The card as JSON."""
        return json.dumps(self, allow_nan=False).encode()


def remembered(draw: Callable[[*Asked], dict[str, Any]]) -> Callable[[*Asked], RememberedCard]:
    """Draw once for each language and arguments; ``functools.cache`` would keep the first language.

    What is returned is shared, so nobody may change it.
    """

    @cache
    def kept(language: Language, *args: *Asked) -> RememberedCard:
        with speaking(language):
            return RememberedCard(draw(*args))

    @wraps(draw)
    def drawn(*args: *Asked) -> RememberedCard:
        return kept(spoken(), *args)

    return drawn
