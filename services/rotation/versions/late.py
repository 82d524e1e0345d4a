"""Find versions that land after their rotation was rolled back."""

from dataclasses import dataclass

from domain.rotation.rotation import Rotation
from services.rotation.secret_versions import SecretVersions
from services.rotation.versions.hidden import hidden_under_own
from services.rotation.versions.versions_of import NEW, current_of, ids_made_by, made_by


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
        current = await current_of(self._versions, rotation)
        made = await made_by(self._versions, rotation, NEW)
        for version in made:
            if version.enabled and (current is None or version.id != current.id):
                await self._versions.disable(vault_url, secret, version.id)
        if current is None or current.id not in await ids_made_by(self._versions, rotation):
            return Late()
        # A restoring write can land late, too. It holds the old value, as it should.
        theirs = await hidden_under_own(self._versions, rotation)
        is_new = current.id in {one.id for one in made}
        return Late(current.id, theirs) if theirs or is_new else Late()
