"""The audit messages about workflows that were archived, and then removed from the table."""

from cards.kit import text
from cards.kit.draw_message import draw_audit_message
from cards.kit.elements import Content, Field, Named, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, fact
from cards.kit.sentences import sentence_count
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.audit.evidence import fingerprint
from domain.retention.retention import WORKFLOW_ID, RetentionEvent
from domain.workflow import Event


def retention_card(event: Event, number: int, link: str = "") -> Content:
    """Draw the message; ``link`` is the event's hash in the chain of all that was archived."""
    footer = correlation(WORKFLOW_ID, evidence_note(number, link))
    return draw_audit_message(event, _message(event), footer)


def retention_summary(event: Event) -> str:
    """Return the notification, in one line of plain text."""
    return _message(event).summary()


def _message(event: Event) -> EventMessage:
    day, count = Named(text.line(fact(event, "day"))), int(str(event.facts.get("workflows") or 0))
    fields = (
        Field(say("File in the archive"), text.line(fact(event, "name"))),
        Field(say("Fingerprint of the list"), text.line(fingerprint(fact(event, "root")))),
    )
    match event.kind:
        case RetentionEvent.ARCHIVED:
            said = sentence_count(
                "{count} workflow that ended on {day} is in the archive.",
                "{count} workflows that ended on {day} are in the archive.",
                count,
                day=day,
            )
            title = say("Archived")
        case RetentionEvent.REMOVED:
            said = sentence_count(
                "{count} workflow that ended on {day} is removed from the table. Its sealed "
                "record stays.",
                "{count} workflows that ended on {day} are removed from the table. Their sealed "
                "records stay.",
                count,
                day=day,
            )
            title = say("Removed after archiving")
        case other:
            raise ValueError(f"there is no message for {other!r} of retention")
    return EventMessage(title=title, tone=Tone.INFO, sentence=said, fields=fields)
