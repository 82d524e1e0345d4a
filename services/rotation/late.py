"""Versions that land after all of a rotation was rolled back."""

from dataclasses import dataclass

from domain.rotation.rotation import Rotation
from services.faults import Rejected
from services.rotation.secret_versions import ROTATION_TAG, SecretVersions, Version
from services.rotation.versions_of import NEW, made_by


@dataclass(frozen=True, slots=True)
class Late:
    """What was found: a version that came late and is current; empty where there is none.

    ``on_top_of`` names what somebody else had written in between.
    """

    version: str = ""
    on_top_of: str = ""


class LateVersions:
    """Looks for what a write made that nobody found in time."""

    def __init__(self, versions: SecretVersions) -> None:
        self._versions = versions

    async def look(self, rotation: Rotation) -> Late:
        """Look for a version of this rotation; one that is not current is disabled at once."""
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        live = [one for one in await made_by(self._versions, rotation, NEW) if one.enabled]
        if not live:
            return Late()
        try:
            current, _ = await self._versions.current(vault_url, secret)
        except Rejected:
            # The newest one is disabled, so none of these is.
            current = None
        for version in live:
            if current is None or version.id != current.id:
                await self._versions.disable(vault_url, secret, version.id)
        if current is None or current.id not in {one.id for one in live}:
            return Late()
        return Late(current.id, await self._others(rotation, current))

    async def _others(self, rotation: Rotation, late: Version) -> str:
        """Name what others wrote between this rotation's beginning and the late version."""
        listed = await self._versions.list(rotation.terms.vault_url, rotation.secret)
        between = [
            one
            for one in listed
            if one.enabled
            and one.id not in {late.id, rotation.old_version}
            and one.tags.get(ROTATION_TAG) != rotation.id
            and one.created_at
            and one.created_at >= rotation.asked_at
        ]
        newest = max(between, key=lambda one: one.created_at or rotation.asked_at, default=None)
        return newest.id if newest else ""
