"""What a dependent holds before and after a rotation, by the shape in which it was captured."""

from domain.rotation.rotation import Captured, Shape
from domain.secrets import SecretValue
from services.rotation.dependents.references import read_reference

BY_VALUE = frozenset({Shape.LITERAL, Shape.ABSENT})


def wanted(captured: Captured, version: str, value: SecretValue) -> SecretValue | None:
    """Return what a dependent should hold after the rotation."""
    match captured.shape:
        case Shape.LITERAL | Shape.ABSENT:
            return value
        case Shape.REFERENCE:
            return SecretValue(captured.text)
        case Shape.PINNED:
            reference = read_reference(captured.text)
            return SecretValue(reference.at(version) if reference else captured.text)


def as_captured(captured: Captured, value: SecretValue | None) -> SecretValue | None:
    """Return what a dependent held before the rotation, given the old value; None for nothing."""
    match captured.shape:
        case Shape.LITERAL:
            return value
        case Shape.ABSENT:
            return None
        case Shape.REFERENCE | Shape.PINNED:
            return SecretValue(captured.text)
