"""What is told of one event, before it is drawn: the card and its one-line summary share it."""

from dataclasses import dataclass

from cards import text
from cards.tone import Tone
from domain.workflow import Event

_LONGEST_SUMMARY = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A title in Latchkey's own words, a sentence that may name people, and what belongs to it."""

    title: str
    tone: Tone
    sentence: str
    fields: tuple[tuple[str, str], ...] = ()
    quoted: tuple[str, str] | None = None
    """A label and what somebody wrote or Azure said."""

    def summary(self) -> str:
        """Say it in one line of plain text, for a notification."""
        return text.plain(f"{self.title}: {self.sentence}", _LONGEST_SUMMARY)


def fact(event: Event, name: str) -> str:
    """Read a fact as text; empty where the event has none."""
    value = event.facts.get(name)
    return "" if value is None else str(value)


def quoted(label: str, said: str) -> tuple[str, str] | None:
    """Return what somebody wrote under its label, or None where nothing of it shows."""
    return (label, said) if text.lines(said) else None


def actor_of(event: Event) -> str:
    """Name who acted; Latchkey itself where no person did."""
    return text.name_of(event.actor) if event.actor else "Latchkey"
