"""Versions that hold the same value as the one that a rollback restored.

A rollback makes the old value current again as a new version. Where the value came from stays
enabled, as a dependent may name that version. Both hold a value that the next rotation replaces.
"""

from datetime import UTC, datetime

from domain.rotation.rotation import Rotation
from services.faults import Rejected
from services.rotation.issue import required
from services.rotation.secret_versions import ROLE_TAG, SecretVersions, Version
from services.rotation.versions_of import RESTORED

_MOST = 25
"""How many versions are read at most, the newest first."""


async def copies_of_old(versions: SecretVersions, rotation: Rotation) -> tuple[str, ...]:
    """Return the earlier enabled versions with the old version's value, if that was restored.

    Empty once the old version is disabled: an earlier try disables them first.
    """
    vault_url, secret = rotation.terms.vault_url, rotation.secret
    found = await versions.list(vault_url, secret)
    old = next((one for one in found if one.id == required(rotation.old_version)), None)
    if old is None or not old.enabled or old.tags.get(ROLE_TAG) != RESTORED:
        return ()
    _, value = await versions.read(vault_url, secret, old.id)
    earlier = [
        one for one in found if one.enabled and one.id != old.id and _made(one) <= _made(old)
    ]
    copies: list[str] = []
    for one in sorted(earlier, key=_made, reverse=True)[:_MOST]:
        try:
            _, held = await versions.read(vault_url, secret, one.id)
        except Rejected:
            continue  # disabled in the meantime
        if held == value:
            copies.append(one.id)
    return tuple(copies)


def _made(version: Version) -> datetime:
    return version.created_at or datetime.min.replace(tzinfo=UTC)
