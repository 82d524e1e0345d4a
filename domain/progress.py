"""How far something is that somebody waits for."""

from dataclasses import dataclass

from domain.phrases import Phrase


@dataclass(frozen=True, slots=True)
class Progress:
    """How many parts are done, of how many if that is known, and which are under way."""

    done: int = 0
    total: int | None = None
    running: tuple[Phrase, ...] = ()
