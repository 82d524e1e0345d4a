"""Before the old version is disabled, every dependent is read again.

Much may have happened since they were verified: a change that was cut off may have been carried out
late, somebody may have put an old backup of the settings back.
"""

from collections.abc import Mapping
from contextlib import suppress

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.dependents.apps import each_app
from services.rotation.dependents.kind import AppGone, Kinds
from services.rotation.dependents.refresh import refresh_if_stale
from services.rotation.dependents.shapes import as_captured, wanted
from services.rotation.dependents.targets import Target
from services.rotation.issue import required
from services.rotation.propagate import Propagate
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import Drift


class Recheck:
    """Looks at every dependent. What holds the old value is given the current one again.

    What holds neither stops it once, with the old version still enabled; a human may insist.
    """

    def __init__(self, versions: SecretVersions, kinds: Kinds, propagate: Propagate) -> None:
        self._versions = versions
        self._kinds = kinds
        self._propagate = propagate

    async def repair(self, rotation: Rotation) -> list[str]:
        """Bring what holds the old value to the current one; return its dependents' names.

        The current one has been seen to be a valid successor before.
        """
        old_version = required(rotation.old_version)
        try:
            _, old = await self._versions.read(
                rotation.terms.vault_url, rotation.secret, old_version
            )
            valid, current = await self._valid(rotation)
        except Rejected:
            # The old one is disabled already, by an earlier try of this, or does not exist any
            # more; or there is no current one, and a human said that it is meant.
            return []
        repaired: dict[str, None] = {}

        def target(captured: Captured, held: SecretValue | None) -> SecretValue | None:
            if held in [wanted(captured, *each) for each in valid.items()]:
                return held
            if held == as_captured(captured, old):
                repaired[str(captured.dependent)] = None
                return wanted(captured, current, valid[current])
            if rotation.is_insisted_on:
                return held
            raise Drift(str(captured.dependent), Reason("setting_without_new_version"))

        async def see(app: AppSlot, captured: list[Captured]) -> None:
            await self._see(rotation, app, captured, target)

        await each_app(rotation, see)
        return list(repaired)

    async def _see(
        self, rotation: Rotation, app: AppSlot, captured: list[Captured], target: Target
    ) -> None:
        try:
            await self._propagate.bring(rotation, app, captured, target)
            bad = {required(rotation.old_version)}
            await refresh_if_stale(self._kinds, app, captured, bad)
        except AppGone:
            # It had the new version when everything was verified. There is nothing to repair.
            return

    async def _valid(self, rotation: Rotation) -> tuple[Mapping[str, SecretValue], str]:
        """Read what dependents may hold, by version: the current one, and what this one wrote.

        A later rotation of the secret may have written a newer one, and brought it to some.
        """
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        current, value = await self._versions.current(vault_url, secret)
        valid = {current.id: value}
        new = required(rotation.new_version)
        if new != current.id:
            # Where somebody has disabled it, whoever holds it does not hold what is valid.
            with suppress(Rejected):
                _, valid[new] = await self._versions.read(vault_url, secret, new)
        return valid, current.id
