"""The part of a secret's value that a rotation is about: all of it, where its terms name none."""

from domain.reasons import Reason
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
        raise Rejected(rotation.secret, Reason("no_text_at_part", {"part": str(part)}))
    return held


def with_new_part(rotation: Rotation, value: SecretValue, new: SecretValue) -> SecretValue:
    """Return the value with another part in it, and all else as it was; raises Rejected."""
    part = rotation.terms.part
    if part is None:
        return new
    whole = with_part(value, part, new)
    if whole is None:
        raise Rejected(rotation.secret, Reason("part_not_replaceable", {"part": str(part)}))
    return whole
