"""Which versions of a secret a rotation made, by their tags."""

from domain.rotation.rotation import Rotation
from services.rotation.secret_versions import ROLE_TAG, ROTATION_TAG, SecretVersions, Version

NEW = "new"
RESTORED = "restored"
OUR_TAGS = frozenset({ROTATION_TAG, ROLE_TAG})


async def made_by(versions: SecretVersions, rotation: Rotation, role: str) -> list[Version]:
    """Find the versions that this rotation made in this role; enabled ones first."""
    found = await versions.list(rotation.terms.vault_url, rotation.secret)
    ours = [
        version
        for version in found
        if version.tags.get(ROTATION_TAG) == rotation.id and version.tags.get(ROLE_TAG) == role
    ]
    return sorted(ours, key=lambda version: not version.enabled)


def tags_for(rotation: Rotation, version: Version, role: str) -> dict[str, str]:
    """Return a version's tags for its successor: Key Vault carries none over by itself."""
    return {**version.tags, ROTATION_TAG: rotation.id, ROLE_TAG: role}
