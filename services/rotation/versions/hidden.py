"""Versions that someone else wrote during a rotation, and that one of the rotation's hides.

A write without an answer may land late, on top of a version that a person wrote in between. Nobody
would know that theirs isn't the current one any more.
"""

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from services.faults import Rejected
from services.rotation.secret_versions import SecretVersions, Version
from services.rotation.versions.versions_of import ids_made_by, listed_of


async def hidden_under_own(versions: SecretVersions, rotation: Rotation) -> str:
    """Return the newest enabled version by others since the old one; empty if there is none.

    It's hidden if this rotation's version is the newest, which the caller has read.
    """
    listed = await listed_of(versions, rotation)
    known = {rotation.old_version, *await ids_made_by(versions, rotation, listed)}
    old = next((one for one in listed if one.id == rotation.old_version), None)
    between = [
        one
        for one in listed
        if one.enabled and one.id not in known and _is_since(one, old, rotation)
    ]
    newest = max(between, key=lambda one: one.created_at or rotation.asked_at, default=None)
    return newest.id if newest else ""


async def require_none_hidden(versions: SecretVersions, rotation: Rotation, ours: Version) -> None:
    """Raise Rejected if this rotation's version, the newest of all, hides one by someone else."""
    if theirs := await hidden_under_own(versions, rotation):
        found = {"version": ours.id, "theirs": theirs}
        raise Rejected("Key Vault", Reason("late_version_on_top", found))


def _is_since(version: Version, old: Version | None, rotation: Rotation) -> bool:
    """Say whether a version is newer than the old one, which may have been purged since."""
    if version.created_at is None:
        return False
    if old is None or old.created_at is None:
        return version.created_at >= rotation.asked_at
    # Key Vault counts seconds. A person can write within the one that the old version was made in
    # only before it was captured; such a version is no news.
    return version.created_at > old.created_at
