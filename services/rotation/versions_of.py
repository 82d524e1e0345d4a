"""Find the versions of a secret that a rotation made, by their tags."""

from domain.rotation.rotation import Rotation
from services.rotation.secret_versions import ROLE_TAG, ROTATION_TAG, SecretVersions, Version

NEW = "new"
RESTORED = "restored"
OUR_TAGS = frozenset({ROTATION_TAG, ROLE_TAG})


async def made_by(versions: SecretVersions, rotation: Rotation, role: str) -> list[Version]:
    """Find the versions that this rotation made in this role; enabled ones first."""
    found = await versions.list(rotation.terms.vault_url, rotation.secret)
    ours = [version for version in found if is_made_by(version, rotation, role)]
    return sorted(ours, key=lambda version: not version.enabled)


def is_made_by(version: Version, rotation: Rotation, role: str) -> bool:
    """Say whether this rotation made a version in this role."""
    tags = version.tags
    return tags.get(ROTATION_TAG) == rotation.id and tags.get(ROLE_TAG) == role


def tags_for(rotation: Rotation, version: Version, role: str) -> dict[str, str]:
    """Return the tags for a version's successor, since Key Vault doesn't copy them."""
    return {**version.tags, ROTATION_TAG: rotation.id, ROLE_TAG: role}
