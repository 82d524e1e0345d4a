"""The message for one event of a rotation, for the audit channel and for the admin who asked."""

from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.times import utc
from cards.rotation.admin_messages import rotation_admin_message
from cards.rotation.audit_messages import rotation_audit_message
from domain.rotation.rotation import Rotation
from domain.workflow import Event


def rotation_audit_card(rotation: Rotation, event: Event, number: int, link: str = "") -> Content:
    """Draw an event for the audit channel.

    ``number`` is its place in the rotation, from 1, and ``link`` its hash in the chain.
    """
    footer = correlation(rotation.id, evidence_note(number, link))
    return draw_message(f"Audit · {utc(event.at)}", rotation_audit_message(rotation, event), footer)


def rotation_audit_summary(rotation: Rotation, event: Event) -> str:
    """Say an event to the audit channel in one line of plain text, for the notification."""
    return rotation_audit_message(rotation, event).summary()


def rotation_person_card(rotation: Rotation, event: Event) -> Content:
    """Draw what the admin who asked is told; ValueError for a kind they are not told of."""
    message = rotation_admin_message(rotation, event)
    return draw_message("Your secret rotation", message, correlation(rotation.id))


def rotation_person_summary(rotation: Rotation, event: Event) -> str:
    """Say an event to the admin who asked in one line of plain text, for the notification."""
    return rotation_admin_message(rotation, event).summary()
