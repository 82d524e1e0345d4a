"""Versions of a rotation that is done which landed late, on top of the one that it verified.

A write that got no answer is sent again once its longest life is over. That is an estimate about
Key Vault, no guarantee: the first one may still land. Then the secret's current value is one that
no dependent has.
"""

from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation
from services.faults import Unavailable
from services.rotation.dependents.apps import each_app
from services.rotation.dependents.kind import AppGone, Kinds
from services.rotation.dependents.refresh import refresh_if_stale
from services.rotation.secret_versions import SecretVersions, Version
from services.rotation.steps.issue import required
from services.rotation.steps.validity import as_restored
from services.rotation.versions.hidden import require_none_hidden
from services.rotation.versions.versions_of import NEW, RESTORED, current_of, made_by, tags_for


class LateDuplicates:
    """Makes the verified value current again, and disables what landed late."""

    def __init__(self, versions: SecretVersions, kinds: Kinds) -> None:
        self._versions = versions
        self._kinds = kinds

    async def replace(self, rotation: Rotation) -> tuple[str, ...]:
        """Return the IDs of the late versions, all of them disabled by then; usually none.

        Raises Rejected if one landed on top of a version that someone else wrote in between.
        """
        late = await self._enabled(rotation)
        if not late:
            return ()
        current = await current_of(self._versions, rotation)
        if current and current.id in {one.id for one in late}:
            await require_none_hidden(self._versions, rotation, current)
            await self._write_again(rotation)
        await self._refresh_away(rotation, late)
        for one in late:
            await self._versions.disable(rotation.terms.vault_url, rotation.secret, one.id)
        return tuple(one.id for one in late)

    async def _enabled(self, rotation: Rotation) -> list[Version]:
        made = await made_by(self._versions, rotation, NEW)
        return [one for one in made if one.enabled and one.id != rotation.new_version]

    async def _write_again(self, rotation: Rotation) -> None:
        """Write the verified value on top, as a new version; the dependents keep what they have."""
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        new, value = await self._versions.read(vault_url, secret, required(rotation.new_version))
        successor = replace(as_restored(new), tags=tags_for(rotation, new, RESTORED))
        written = await self._versions.write(vault_url, secret, value, successor)
        current, held = await self._versions.current(vault_url, secret)
        if current.id != written or held != value:
            raise Unavailable(
                "Key Vault", Reason("new_version_not_read_back"), outcome_unknown=False
            )

    async def _refresh_away(self, rotation: Rotation, late: list[Version]) -> None:
        """Make sure that no reference resolves to a late version before that is disabled."""
        bad = {one.id for one in late}

        async def refresh(app: AppSlot, captured: list[Captured]) -> None:
            try:
                await refresh_if_stale(self._kinds, app, captured, bad)
            except AppGone:
                return

        await each_app(rotation, refresh)
