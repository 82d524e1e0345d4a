"""The message for one event of a rotation, for the audit channel and for the admin who asked."""

from cards.elements import Content, correlation
from cards.evidence_note import evidence_note
from cards.rotation_to_admin import tell_rotation_to_admin
from cards.rotation_to_audit import tell_rotation_to_audit
from cards.times import utc
from cards.told import draw
from domain.rotation import Rotation
from domain.workflow import Event


def rotation_audit_card(rotation: Rotation, event: Event, number: int, link: str = "") -> Content:
    """Draw an event for the audit channel.

    ``number`` is its place in the rotation, from 1, and ``link`` its hash in the chain.
    """
    footer = correlation(rotation.id, evidence_note(number, link))
    return draw(f"Audit · {utc(event.at)}", tell_rotation_to_audit(rotation, event), footer)


def rotation_audit_summary(rotation: Rotation, event: Event) -> str:
    """Say an event to the audit channel in one line of plain text, for the notification."""
    return tell_rotation_to_audit(rotation, event).summary()


def rotation_person_card(rotation: Rotation, event: Event) -> Content:
    """Draw what the admin who asked is told; ValueError for a kind they are not told of."""
    telling = tell_rotation_to_admin(rotation, event)
    return draw("Your secret rotation", telling, correlation(rotation.id))


def rotation_person_summary(rotation: Rotation, event: Event) -> str:
    """Say an event to the admin who asked in one line of plain text, for the notification."""
    return tell_rotation_to_admin(rotation, event).summary()
