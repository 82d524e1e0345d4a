"""Read which version is current once a rollback has undone everything."""

from domain.rotation.rotation import CurrentAtEnd, Rotation, WhichVersion
from services.faults import Fault, NotPermitted, Rejected
from services.rotation.secret_versions import SecretVersions, Version
from services.rotation.versions.versions_of import NEW, made_by

_TRIES = 3
"""How often it is tried: everything is undone by then, so the rollback doesn't wait for it."""


async def read_current_at_end(versions: SecretVersions, rotation: Rotation) -> CurrentAtEnd:
    """Say which version is current; raises Fault if another try may find out."""
    try:
        current, _ = await versions.current(rotation.terms.vault_url, rotation.secret)
    except NotPermitted:
        return CurrentAtEnd(WhichVersion.UNREADABLE)
    except Rejected:
        return CurrentAtEnd(WhichVersion.NONE)
    except Fault:
        if rotation.attempt + 1 < _TRIES:
            raise
        return CurrentAtEnd(WhichVersion.UNREADABLE)
    return CurrentAtEnd(await _which(versions, rotation, current), current.id)


async def _which(versions: SecretVersions, rotation: Rotation, current: Version) -> WhichVersion:
    if current.id == rotation.old_version:
        return WhichVersion.OLD
    if current.id == rotation.restored_version:
        return WhichVersion.RESTORED
    ours = {one.id for one in await made_by(versions, rotation, NEW)}
    return WhichVersion.NEW if current.id in ours else WhichVersion.OTHERS
