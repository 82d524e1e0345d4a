"""Workflows of any kind, and their events, in one line each."""

from cards.access.audit_messages import audit_message
from cards.access.orphan_card import orphan_summary
from cards.kit import text
from cards.kit.message import all_secrets_of, fact
from cards.rotation.audit_messages import rotation_audit_message
from domain.access.request import Request
from domain.audit.history import Recorded
from domain.reconciliation.orphan import OrphanEvent
from domain.rotation.rotation import Rotation, RotationEvent
from domain.workflow import Event

_STEPS = {
    RotationEvent.STEP_DONE: "done",
    RotationEvent.STEP_UNDONE: "undone",
    RotationEvent.STEP_WAITS: "tried again",
}
"""What the live card of a rotation shows, and no message of its own."""

_UNTOLD = {
    OrphanEvent.FOUND: "Orphaned access found: it is being removed.",
    OrphanEvent.SPARED: "A grant holds this access by now: it was left alone.",
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
    """Say what a workflow is about: its secrets, or what Azure keeps with an orphan."""
    match head:
        case Request():
            return all_secrets_of(head)
        case Rotation():
            return text.id_of(head.secret)
        case _:
            return text.line(head.description)


def event_line(head: Recorded, event: Event) -> str:
    """Say an event in one line of plain text, as the audit channel was told of it."""
    match head:
        case Request():
            return audit_message(head, event).summary()
        case Rotation():
            return _of_a_step(event) or rotation_audit_message(head, event).summary()
        case _:
            untold = _UNTOLD.get(OrphanEvent(event.kind))
            return untold or orphan_summary(head, event)


def _of_a_step(event: Event) -> str:
    """Say what became of one step of a rotation; empty for an event of another kind."""
    became = _STEPS.get(RotationEvent(event.kind))
    if became is None:
        return ""
    note = text.line(fact(event, "note"))
    said = f"{fact(event, 'step').capitalize()} {became}"
    return f"{said}: {note}" if note else f"{said}."
