"""The command ``why NAME [@person]``."""

from dataclasses import dataclass

from bot.handlers.lines.command import Line
from bot.handlers.lines.typed import bare

_FILLERS = frozenset({"secret", "the"})
_BEFORE_PERSON = frozenset({"about", "for"})


@dataclass(frozen=True, slots=True)
class Why:
    """A secret, and a person as typed; empty for the one who asks."""

    secret: str
    person: str = ""


def read_why(line: Line) -> Why | None:
    """Read ``why [secret] NAME [for] [@person]``; None where it names no secret."""
    words = line.shown[1:]
    if len(words) > 1 and line.words[1] in _FILLERS and not words[1].startswith("@"):
        words = words[1:]  # a secret can itself be called "secret"
    if not words:
        return None
    person = words[1:]
    if len(person) > 1 and bare(person[0]).casefold() in _BEFORE_PERSON:
        person = person[1:]
    if len(person) == 1:
        person = [bare(person[0])]  # several words are a person's name
    return Why(bare(words[0]), " ".join(person))
