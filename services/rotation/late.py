"""Find versions that land after their rotation was rolled back."""

from dataclasses import dataclass

from domain.rotation.rotation import Rotation
from services.faults import Rejected
from services.rotation.secret_versions import SecretVersions, Version
from services.rotation.versions_of import NEW, ids_made_by, made_by


@dataclass(frozen=True, slots=True)
class Late:
    """A late version that is current; empty if there is none.

    ``on_top_of`` names the version that someone else had written in between.
    """

    version: str = ""
    on_top_of: str = ""


class LateVersions:
    """Looks for versions whose writes landed too late to be found."""

    def __init__(self, versions: SecretVersions) -> None:
        self._versions = versions

    async def look(self, rotation: Rotation) -> Late:
        """Look for a version by this rotation; disable those that aren't current at once."""
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        live = [one for one in await made_by(self._versions, rotation, NEW) if one.enabled]
        if not live:
            return Late()
        try:
            current, _ = await self._versions.current(vault_url, secret)
        except Rejected:
            # The current version is disabled, so it's none of these.
            current = None
        for version in live:
            if current is None or version.id != current.id:
                await self._versions.disable(vault_url, secret, version.id)
        if current is None or current.id not in {one.id for one in live}:
            return Late()
        return Late(current.id, await newest_by_others(self._versions, rotation, current))


async def newest_by_others(versions: SecretVersions, rotation: Rotation, late: Version) -> str:
    """Return the newest version by others between a rotation's start and its late version."""
    listed = await versions.list(rotation.terms.vault_url, rotation.secret)
    not_theirs = {late.id, rotation.old_version, *await ids_made_by(versions, rotation)}
    between = [
        one
        for one in listed
        if one.enabled
        and one.id not in not_theirs
        and one.created_at
        and one.created_at >= rotation.asked_at
    ]
    newest = max(between, key=lambda one: one.created_at or rotation.asked_at, default=None)
    return newest.id if newest else ""
