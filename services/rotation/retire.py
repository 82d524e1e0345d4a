"""Retire: after the overlap the old version is disabled and its credential made useless."""

from collections.abc import Mapping
from dataclasses import replace

from domain.rotation import Rotation
from services.rotation.issue import issuer_of, required
from services.rotation.made_anew import MADE_ANEW, is_made_anew
from services.rotation.ports import Issuer, SecretVersions
from services.rotation.step import Outcome


class Retire:
    """The last step; it has no undo, since nobody uses the old version any more."""

    def __init__(self, versions: SecretVersions, issuers: Mapping[str, Issuer]) -> None:
        self._versions = versions
        self._issuers = issuers

    async def perform(self, rotation: Rotation) -> Outcome:
        old = required(rotation.old_version)
        if await is_made_anew(self._versions, rotation):
            # Whoever made the secret anew may use the old credential: it is left.
            left = f"; {rotation.old_credential} was left" if rotation.old_credential else ""
            return Outcome(replace(rotation, was_made_anew=True), f"{MADE_ANEW}{left}")
        await self._versions.disable(rotation.terms.vault_url, rotation.secret, old)
        await issuer_of(self._issuers, rotation).retire(rotation)
        return Outcome(rotation, f"the old version {old[:8]} is disabled")
