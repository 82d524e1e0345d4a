"""The part of a secret's value that a rotation is about: all of it, where its terms name none."""

from domain.rotation.rotation import Rotation
from domain.rotation.secret_parts import part_of, with_part
from domain.secrets import SecretValue
from services.faults import Rejected


def held_part(rotation: Rotation, value: SecretValue) -> SecretValue:
    """Return the part of a value that is rotated; raises Rejected where there is none such."""
    part = rotation.terms.part
    if part is None:
        return value
    held = part_of(value, part)
    if held is None:
        raise Rejected(rotation.secret, f"there is no text, or more than one, at its {part}")
    return held


def with_new_part(rotation: Rotation, value: SecretValue, new: SecretValue) -> SecretValue:
    """Return the value with another part in it, and all else as it was; raises Rejected."""
    part = rotation.terms.part
    if part is None:
        return new
    whole = with_part(value, part, new)
    if whole is None:
        raise Rejected(
            rotation.secret,
            f"the new value cannot be put at its {part}: there is no text there, or the new one "
            "would have to be quoted in a connection string",
        )
    return whole
