"""The part of a secret's value that a rotation replaces: all of it if its terms name none."""

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from domain.rotation.secret_parts import part_of, with_part
from domain.secrets import SecretValue
from services.faults import Rejected


def held_part(rotation: Rotation, value: SecretValue) -> SecretValue:
    """Return the part of a value that is rotated; raises Rejected if there is no such part."""
    part = rotation.terms.part
    if part is None:
        return value
    held = part_of(value, part)
    if held is None:
        raise Rejected(rotation.secret, Reason("no_text_at_part", {"part": str(part)}))
    return held


def with_new_part(rotation: Rotation, value: SecretValue, new: SecretValue) -> SecretValue:
    """Return the value with the part replaced and the rest unchanged; raises Rejected."""
    part = rotation.terms.part
    if part is None:
        return new
    whole = with_part(value, part, new)
    if whole is None:
        raise Rejected(rotation.secret, Reason("part_not_replaceable", {"part": str(part)}))
    return whole
