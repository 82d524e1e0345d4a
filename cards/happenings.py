"""Events of any kind of workflow in one line each."""

from cards.rotation_to_audit import tell_rotation_to_audit
from cards.to_audit import tell_audit
from domain.access import Request
from domain.rotation import Rotation
from domain.workflow import Event


def happened(head: Request | Rotation, event: Event) -> str:
    """Say an event in one line of plain text, as the audit channel was told of it."""
    if isinstance(head, Request):
        return tell_audit(head, event).summary()
    return tell_rotation_to_audit(head, event).summary()
