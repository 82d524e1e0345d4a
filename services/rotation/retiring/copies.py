"""Versions that hold the same value as the old version of a rotation.

A rollback makes the old value current again as a new version. Where the value came from stays
enabled, as a dependent may name that version. Both hold a value that the next rotation replaces.
"""

from domain.rotation.rotation import Captured, Rotation, Shape
from services.faults import Rejected
from services.rotation.dependents.references import read_reference
from services.rotation.secret_versions import SecretVersions
from services.rotation.steps.issue import required
from services.rotation.versions.versions_of import RESTORED, made_at, role_of

_MOST = 25
"""How many versions are read at most, the newest first."""


async def copies_of_old(versions: SecretVersions, rotation: Rotation) -> tuple[str, ...]:
    """Return the earlier enabled versions with the old version's value.

    They are only looked for if a rollback restored that value, or if a dependent named one of them:
    then a person put that value back. Empty once the old version is disabled: an earlier try
    disables them first.
    """
    vault_url, secret = rotation.terms.vault_url, rotation.secret
    found = await versions.list(vault_url, secret)
    old = next((one for one in found if one.id == required(rotation.old_version)), None)
    if old is None or not old.enabled:
        return ()
    if role_of(old) != RESTORED and not _is_named_otherwise(rotation):
        return ()
    _, value = await versions.read(vault_url, secret, old.id)
    earlier = [
        one for one in found if one.enabled and one.id != old.id and made_at(one) <= made_at(old)
    ]
    copies: list[str] = []
    for one in sorted(earlier, key=made_at, reverse=True)[:_MOST]:
        try:
            _, held = await versions.read(vault_url, secret, one.id)
        except Rejected:
            continue  # disabled in the meantime
        if held == value:
            copies.append(one.id)
    return tuple(copies)


def _is_named_otherwise(rotation: Rotation) -> bool:
    """Say whether a dependent was pinned to another version than the old one."""
    pinned = (_pinned_to(one) for one in rotation.captured if one.shape is Shape.PINNED)
    return any(version != required(rotation.old_version).lower() for version in pinned)


def _pinned_to(captured: Captured) -> str:
    reference = read_reference(captured.text)
    return reference.version.lower() if reference else ""
