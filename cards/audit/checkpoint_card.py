"""The audit message about a day's checkpoint."""

from cards.kit import text
from cards.kit.draw_message import draw_audit_message
from cards.kit.elements import Content, Field, Named, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, fact
from cards.kit.sentences import sentence_count
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.audit.evidence import fingerprint
from domain.checkpoints.checkpoints import WORKFLOW_ID, CheckpointsEvent
from domain.workflow import Event


def checkpoint_card(event: Event, number: int, link: str = "") -> Content:
    """Draw the message for a day; ``link`` is the event's hash in the chain of all days."""
    footer = correlation(WORKFLOW_ID, evidence_note(number, link))
    return draw_audit_message(event, _message(event), footer)


def checkpoint_summary(event: Event) -> str:
    """Return the notification for a day, in one line of plain text."""
    return _message(event).summary()


def _message(event: Event) -> EventMessage:
    if event.kind != CheckpointsEvent.TAKEN:
        raise ValueError(f"there is no message for {event.kind!r} of checkpoints")
    day = text.line(fact(event, "day"))
    return EventMessage(
        title=say("Daily checkpoint"),
        tone=Tone.INFO,
        sentence=sentence_count(
            "{count} workflow had events on {day}. Verify it with {command}.",
            "{count} workflows had events on {day}. Verify them with {command}.",
            int(str(event.facts.get("workflows") or 0)),
            day=Named(day),
            command=Named(f"verify day {day}"),
        ),
        fields=(
            Field(say("Fingerprint of the day"), text.line(fingerprint(fact(event, "hash")))),
            Field(
                say("Fingerprint of the day before"),
                text.line(fingerprint(fact(event, "previous"))),
            ),
        ),
    )
