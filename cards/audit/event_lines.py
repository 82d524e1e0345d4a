"""Describe workflows of any kind, and their events, in one line each."""

from cards.access.audit_messages import audit_message
from cards.access.left_out import names_left_out
from cards.access.orphan_card import orphan_summary
from cards.kit import text
from cards.kit.message import all_secrets_of, fact
from cards.reasons.sentences import sentence_in
from cards.rotation.audit_messages import rotation_audit_message
from domain.access.request import Request
from domain.audit.history import Recorded
from domain.reconciliation.orphan import OrphanEvent
from domain.rotation.rotation import Rotation, RotationEvent
from domain.workflow import Event

_STEPS = {
    RotationEvent.STEP_DONE: "done",
    RotationEvent.STEP_UNDONE: "undone",
    RotationEvent.STEP_WAITS: "retried",
}
"""Events that only the live card of a rotation shows, without an audit message."""

_UNANNOUNCED = {
    OrphanEvent.FOUND: "Orphaned access found, being removed.",
    OrphanEvent.SPARED: "A grant now covers this access, so it was left alone.",
}


def kind_of(head: Recorded) -> str:
    """Name the kind of a workflow."""
    match head:
        case Request():
            return "Access request"
        case Rotation():
            return "Rotation"
        case _:
            return "Orphaned access"


def subject_of(head: Recorded) -> str:
    """Say what a workflow is about: its secrets, or an orphan's description in Azure."""
    match head:
        case Request():
            left_out = names_left_out(head)
            return all_secrets_of(head) + (f", without {left_out}" if left_out else "")
        case Rotation():
            return text.id_of(head.secret)
        case _:
            return text.line(head.description)


def event_line(head: Recorded, event: Event) -> str:
    """Return an event in one line of plain text, as in its audit message."""
    match head:
        case Request():
            return audit_message(head, event).summary()
        case Rotation():
            return _of_a_step(event) or rotation_audit_message(head, event).summary()
        case _:
            line = _UNANNOUNCED.get(OrphanEvent(event.kind))
            return line or orphan_summary(head, event)


def _of_a_step(event: Event) -> str:
    """Return the outcome of a rotation step; empty for other events."""
    became = _STEPS.get(RotationEvent(event.kind))
    if became is None:
        return ""
    note = text.line(sentence_in(event, "note"))
    said = f"{fact(event, 'step').capitalize()} {became}"
    return f"{said}: {note}" if note else f"{said}."
