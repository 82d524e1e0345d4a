"""What is told of one event, before it is drawn: the card and its one-line summary share it."""

from dataclasses import dataclass
from datetime import timedelta

from cards import text
from cards.elements import Field, Named, Sentence
from cards.times import age
from cards.tone import Tone
from domain.access import Request
from domain.people import Actor, Person
from domain.workflow import Event

_LONGEST_SUMMARY = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A title in Latchkey's own words, a sentence that may name people, and what belongs to it."""

    title: str
    tone: Tone
    sentence: Sentence
    fields: tuple[Field, ...] = ()
    quoted: tuple[str, str] | None = None
    """A label and what somebody wrote or Azure said."""

    def summary(self) -> str:
        """Say it in one line of plain text, for a notification."""
        words = [each.words if isinstance(each, Named) else each for each in self.sentence]
        return text.plain(f"{self.title}: {''.join(words)}", _LONGEST_SUMMARY)


def fact(event: Event, name: str) -> str:
    """Read a fact as text; empty where the event has none."""
    value = event.facts.get(name)
    return "" if value is None else str(value)


def how_late(event: Event) -> str:
    """Say of an end that had been stuck by how much it was late; nothing where it was in time."""
    seconds = event.facts.get("stuck_for")
    if not isinstance(seconds, int | float):
        return ""
    return f" It came {age(timedelta(seconds=seconds))} late: it had been stuck."


def quoted(label: str, said: str) -> tuple[str, str] | None:
    """Return what somebody wrote under its label, or None where nothing of it shows."""
    return (label, said) if text.lines(said) else None


def person(who: Person | Actor) -> Named:
    return Named(text.name_of(who))


def actor_of(event: Event) -> Named:
    """Name who acted; Latchkey itself where no person did."""
    return person(event.actor) if event.actor else Named("Latchkey")


def secret_of(request: Request) -> Sentence:
    """Name a request's secret and its vault."""
    return Named(text.id_of(request.secret)), " in ", Named(text.id_of(request.vault))


def others_of(request: Request) -> tuple[Person, ...]:
    """Return who can really decide a request: its approvers but for those whom it is about."""
    return tuple(each for each in request.terms.approvers if each.object_id not in request.involved)


def asks_for(request: Request, asks: str, window: str) -> Sentence:
    """Say who asks for what, and for whom where that is somebody else."""
    if request.beneficiary is None:
        wants: Sentence = (f" {asks} to read ",)
    else:
        wants = (f" {asks} that ", person(request.beneficiary), " may read ")
    return (person(request.requester), *wants, *secret_of(request), f" for {window}.")
