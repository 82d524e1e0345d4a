"""A secret that was deleted, purged and made anew since a rotation noted its versions."""

from domain.rotation.rotation import Rotation
from services.rotation.secret_versions import SecretVersions


async def is_recreated(versions: SecretVersions, rotation: Rotation) -> bool:
    """Say whether a secret has versions, and the one that was current before is none of them.

    Key Vault deletes no version alone, so all that this rotation knew is gone. A secret without
    any version may be deleted for now and recovered: nothing is concluded from that.
    """
    found = {one.id.lower() for one in await versions.list(_vault(rotation), rotation.secret)}
    return bool(found) and (rotation.old_version or "").lower() not in found


def _vault(rotation: Rotation) -> str:
    return rotation.terms.vault_url
