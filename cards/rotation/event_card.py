"""The message for one event of a rotation, for the audit channel and for the admin who asked."""

from cards.kit.draw_message import draw_audit_message, draw_message
from cards.kit.elements import Content, correlation
from cards.kit.evidence_note import evidence_note
from cards.languages.texts import say
from cards.rotation.admin_messages import rotation_admin_message
from cards.rotation.audit_messages import rotation_audit_message
from domain.rotation.rotation import Rotation
from domain.workflow import Event


def rotation_audit_card(rotation: Rotation, event: Event, number: int, link: str = "") -> Content:
    """Draw the audit message for an event.

    ``number`` is the event's number in the rotation, from 1; ``link`` is its hash in the chain.
    """
    footer = correlation(rotation.id, evidence_note(number, link))
    return draw_audit_message(event, rotation_audit_message(rotation, event), footer)


def rotation_audit_summary(rotation: Rotation, event: Event) -> str:
    """Return the audit channel's notification for an event, in one line of plain text."""
    return rotation_audit_message(rotation, event).summary()


def rotation_person_card(rotation: Rotation, event: Event) -> Content:
    """Draw the message for the admin who asked; ValueError if they get none for its kind."""
    message = rotation_admin_message(rotation, event)
    return draw_message(say("Your secret rotation"), message, correlation(rotation.id))


def rotation_person_summary(rotation: Rotation, event: Event) -> str:
    """Return the notification for the admin who asked, in one line of plain text."""
    return rotation_admin_message(rotation, event).summary()
