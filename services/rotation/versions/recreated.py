"""Detect a secret that was deleted, purged and recreated since a rotation captured it."""

from domain.rotation.rotation import Rotation
from services.rotation.secret_versions import SecretVersions


async def is_recreated(versions: SecretVersions, rotation: Rotation) -> bool:
    """Say whether a secret has versions, but no longer the one that the rotation captured.

    Key Vault can't delete a single version, so all versions that the rotation knew are gone. A
    secret without versions may be soft-deleted and recovered later, so it doesn't count.
    """
    found = {one.id.lower() for one in await versions.list(_vault(rotation), rotation.secret)}
    return bool(found) and (rotation.old_version or "").lower() not in found


def _vault(rotation: Rotation) -> str:
    return rotation.terms.vault_url
