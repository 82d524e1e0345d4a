"""Restoring: the old value as a new version, since Key Vault cannot make an old one current."""

from dataclasses import replace

from domain.rotation import Rotation
from services.faults import Rejected, Unavailable
from services.rotation.issue import required
from services.rotation.ports import SecretVersions
from services.rotation.versions_of import NEW, RESTORED, made_by, tags_for


async def restore_value(versions: SecretVersions, rotation: Rotation) -> Rotation:
    """Make the old value current again, once; where nothing was written nothing is done.

    Raises Rejected where somebody else has written a version in the meantime: theirs stays.
    """
    if rotation.restored_version or rotation.old_version is None:
        return rotation
    vault_url, secret = rotation.terms.vault_url, rotation.secret
    if done := await made_by(versions, rotation, RESTORED):
        return replace(rotation, restored_version=done[0].id)
    bad = {version.id for version in await made_by(versions, rotation, NEW)}
    if not bad:
        return rotation
    current, _ = await versions.current(vault_url, secret)
    if current.id not in bad:
        raise Rejected("Key Vault", f"somebody else wrote version {current.id} in the meantime")
    old, value = await versions.read(vault_url, secret, required(rotation.old_version))
    successor = replace(old, tags=tags_for(rotation, old, RESTORED))
    restored = await versions.write(vault_url, secret, value, successor)
    current, read = await versions.current(vault_url, secret)
    if current.id != restored or read != value:
        raise Unavailable("Key Vault", "the restored version does not read back yet")
    return replace(rotation, restored_version=restored)
