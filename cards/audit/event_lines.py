"""Describe workflows of any kind, and their events, in one line each."""

from cards.access.messages.audit_messages import audit_message
from cards.access.messages.drill_messages import drill_message
from cards.access.orphan_card import orphan_summary
from cards.access.parts.left_out import names_left_out
from cards.kit import text
from cards.kit.message import all_secrets_of, fact
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from cards.rotation.audit_messages import rotation_audit_message
from cards.rotation.wording import step_title
from domain.access.request import Request
from domain.audit.history import Recorded
from domain.drill.drill import Drill
from domain.phrases import mark
from domain.reconciliation.orphan import OrphanEvent
from domain.rotation.rotation import Rotation, RotationEvent
from domain.workflow import Event

_STEPS = {
    RotationEvent.STEP_DONE: mark("{step} done"),
    RotationEvent.STEP_UNDONE: mark("{step} undone"),
    RotationEvent.STEP_WAITS: mark("{step} retried"),
}
"""Events that only the live card of a rotation shows, without an audit message."""

_UNANNOUNCED = {
    OrphanEvent.FOUND: mark("Orphaned access found, being removed."),
    OrphanEvent.SPARED: mark("A grant now covers this access, so it was left alone."),
}


def kind_of(head: Recorded) -> str:
    """Name the kind of a workflow."""
    match head:
        case Request():
            return say("Access request")
        case Rotation():
            return say("Rotation")
        case Drill():
            return say("Drill")
        case _:
            return say("Orphaned access")


def subject_of(head: Recorded) -> str:
    """Say what a workflow is about: its secrets, or an orphan's description in Azure."""
    match head:
        case Request():
            secrets, left_out = all_secrets_of(head), names_left_out(head)
            if not left_out:
                return secrets
            return say("{secrets}, without {left_out}", secrets=secrets, left_out=left_out)
        case Rotation() | Drill():
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
        case Drill():
            return drill_message(head, event).summary()
        case _:
            line = _UNANNOUNCED.get(OrphanEvent(event.kind))
            return say(line) if line else orphan_summary(head, event)


def _of_a_step(event: Event) -> str:
    """Return the outcome of a rotation step; empty for other events."""
    became = _STEPS.get(RotationEvent(event.kind))
    if became is None:
        return ""
    said = say(became, step=step_title(fact(event, "step")))
    note = text.line(sentence_in(event, "note"))
    return say("{title}: {said}", title=said, said=note) if note else f"{said}."
