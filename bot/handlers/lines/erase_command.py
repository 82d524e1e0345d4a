"""The command ``erase @person``."""

from dataclasses import dataclass

from bot.handlers.lines.command import Line
from bot.handlers.lines.typed import bare

_FILLERS = frozenset({"name", "names", "of", "person", "the"})


@dataclass(frozen=True, slots=True)
class Erase:
    """Whose name to erase, as typed: a mention, an email or an object ID."""

    person: str


def read_erase(line: Line) -> Erase | None:
    """Read ``erase [the name of] PERSON``; None where it names nobody."""
    words = line.shown[1:]
    while len(words) > 1 and bare(words[0]).casefold() in _FILLERS:
        words = words[1:]
    if len(words) == 1:
        words = [bare(words[0])]  # several words are a person's name
    person = " ".join(words)
    return Erase(person) if person else None
