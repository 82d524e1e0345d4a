"""Retire: after the overlap the old version is disabled and its credential made useless."""

from collections.abc import Mapping
from dataclasses import replace

from domain.rotation import Rotation
from services.rotation.gone import unless_gone
from services.rotation.issue import issuer_of, required
from services.rotation.ports import Issuer, SecretVersions
from services.rotation.step import Outcome
from services.rotation.succession import require_successor


class Retire:
    """The last step; it has no undo, since nobody uses the old version any more."""

    def __init__(self, versions: SecretVersions, issuers: Mapping[str, Issuer]) -> None:
        self._versions = versions
        self._issuers = issuers

    async def perform(self, rotation: Rotation) -> Outcome:
        old, vault_url = required(rotation.old_version), rotation.terms.vault_url
        issuer = issuer_of(self._issuers, rotation)
        gone = [await require_successor(self._versions, issuer, rotation)]
        disabling = self._versions.disable(vault_url, rotation.secret, old)
        left = await unless_gone(rotation, disabling, f"the old version {old[:8]}")
        retiring = issuer.retire(rotation)
        gone.append(await unless_gone(rotation, retiring, "what issued the old credential"))
        notes = [left or f"the old version {old[:8]} is disabled", *filter(None, gone)]
        if not gone[-1]:
            rotation = replace(rotation, remaining=await issuer.remaining(rotation))
        return Outcome(rotation, "; ".join(notes))
