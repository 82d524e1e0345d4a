"""Retire: after the overlap the old version is disabled and its credential made useless."""

from collections.abc import Mapping

from domain.rotation import Rotation
from services.rotation.issue import issuer_of, required
from services.rotation.ports import Issuer, SecretVersions
from services.rotation.step import Outcome


class Retire:
    """The last step; it has no undo, since nobody uses the old version any more."""

    def __init__(self, versions: SecretVersions, issuers: Mapping[str, Issuer]) -> None:
        self._versions = versions
        self._issuers = issuers

    async def perform(self, rotation: Rotation) -> Outcome:
        old = required(rotation.old_version)
        await self._versions.disable(rotation.terms.vault_url, rotation.secret, old)
        await issuer_of(self._issuers, rotation).retire(rotation)
        return Outcome(rotation, f"the old version {old[:8]} is disabled")
