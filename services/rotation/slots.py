"""Issuers with a fixed number of credentials that take turns, such as the keys of an account.

A rotation issues into the slot that the value before the last one had, so a second rotation within
the overlap of a first one needs the slot that this overlap keeps valid.
"""

from collections.abc import Mapping

from domain.rotation.rotation import Rotation
from services.rotation.issuers.issuer import Issuer, kind_named


def needs_slot_of(issuers: Mapping[str, Issuer], rotation: Rotation, earlier: Rotation) -> bool:
    """Say whether a rotation issues into the slot of an earlier one's old credential."""
    slots = _slots(issuers, rotation)
    return bool(slots and earlier.credential) and slots == _slots(issuers, earlier)


def _slots(issuers: Mapping[str, Issuer], rotation: Rotation) -> str:
    kind = kind_named(issuers, rotation.terms.issuer)
    slots = kind.slots(rotation.terms.options)
    return f"{kind.name} {slots.lower()}" if slots else ""
