"""The audit messages about a name that is erased."""

from collections.abc import Iterator

from cards.kit import text
from cards.kit.draw_message import draw_audit_message
from cards.kit.elements import Content, Field, Named, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, fact, person
from cards.kit.sentences import sentence, sentence_count
from cards.kit.tone import Tone
from cards.languages.texts import number, say
from domain.erasure.erasure import ErasureEvent
from domain.workflow import Event


def erasure_card(workflow_id: str, event: Event, event_number: int, link: str = "") -> Content:
    """Draw the message; ``link`` is the event's hash in the chain."""
    footer = correlation(workflow_id, evidence_note(event_number, link))
    return draw_audit_message(event, _message(event), footer)


def erasure_summary(event: Event) -> str:
    """Return the notification, in one line of plain text."""
    return _message(event).summary()


def _message(event: Event) -> EventMessage:
    about = Named(text.line(fact(event, "person")))
    match event.kind:
        case ErasureEvent.BEGUN if event.actor:
            return EventMessage(
                title=say("Erasing a name"),
                tone=Tone.INFO,
                sentence=sentence(
                    "{who} has the name of the person with the object ID {id} erased.",
                    who=person(event.actor),
                    id=about,
                ),
            )
        case ErasureEvent.ENDED if _count(event, "left"):
            return EventMessage(
                title=say("A name comes back"),
                tone=Tone.WARNING,
                sentence=sentence(
                    "The name of the person with the object ID {id} was written again while it "
                    "was erased. Erase it when they don't use Latchkey any more.",
                    id=about,
                ),
                fields=tuple(_fields(event)),
            )
        case ErasureEvent.ENDED:
            return EventMessage(
                title=say("Name erased"),
                tone=Tone.INFO,
                sentence=sentence_count(
                    "In {count} workflow, there is only the object ID {id} now.",
                    "In {count} workflows, there is only the object ID {id} now.",
                    _count(event, "workflows"),
                    id=about,
                ),
                fields=tuple(_fields(event)),
            )
        case other:
            raise ValueError(f"there is no message for {other!r} of an erasure")


def _fields(event: Event) -> Iterator[Field]:
    if left := _count(event, "left"):
        yield Field(say("Found again at last"), number(left))
    if older := _count(event, "older"):
        yield Field(say("Older events that may still have the name"), number(older))
    if unreadable := _count(event, "unreadable"):
        yield Field(say("Workflows that this version can't read"), number(unreadable))


def _count(event: Event, name: str) -> int:
    return int(str(event.facts.get(name) or 0))
