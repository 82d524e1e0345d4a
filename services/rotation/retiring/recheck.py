"""Read every dependent again before the old version is disabled.

They may have changed since they were verified: a change that timed out may have been carried out
late, or someone may have restored an old backup of the settings.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation, Shape
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.dependents.apps import each_app
from services.rotation.dependents.kind import AppGone, Kinds
from services.rotation.dependents.references import KeyVaultReference, read_reference
from services.rotation.dependents.refresh import refresh_if_stale
from services.rotation.dependents.shapes import as_captured, wanted
from services.rotation.dependents.targets import Target
from services.rotation.insistence import raise_unless_insisted_on
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import Drift, notes
from services.rotation.steps.issue import required
from services.rotation.steps.propagate import Propagate


class Recheck:
    """Checks every dependent, and gives the current value to those that hold the old one.

    A dependent that somebody has turned into a reference to the secret, or from one into its value,
    has the current value, too.
    One that holds anything else stops the check, with the old version still enabled, until a human
    insists.
    """

    def __init__(self, versions: SecretVersions, kinds: Kinds, propagate: Propagate) -> None:
        self._versions = versions
        self._kinds = kinds
        self._propagate = propagate

    async def repair(self, rotation: Rotation) -> list[str]:
        """Bring dependents with the old value to the current one; return their names.

        The caller has checked that the current version is a valid successor. Raises Drift at a
        dependent that holds neither a valid value nor the old one.
        """
        old = await self._old(rotation)
        valid, current = await self._valid(rotation)
        repaired: dict[str, None] = {}
        others: dict[str, None] = {}
        turned: dict[str, Captured] = {}

        def target(captured: Captured, held: SecretValue | None) -> SecretValue | None:
            if held in [*(wanted(captured, *each) for each in valid.items()), *valid.values()]:
                return held
            if _held_before(captured, held, old):
                repaired[str(captured.dependent)] = None
                return wanted(captured, current, valid[current])
            if reference := _reference_to(rotation, valid, held):
                turned[str(captured.dependent)] = replace(
                    captured, shape=Shape.REFERENCE, text=reference.text
                )
                return held
            others[str(captured.dependent)] = None
            return held

        async def see(app: AppSlot, captured: list[Captured]) -> None:
            await self._see(rotation, app, captured, target, turned)

        await each_app(rotation, see)
        if without := notes([_without_new_version(one) for one in others]):
            raise_unless_insisted_on(rotation, Drift(rotation.secret, without))
        return list(repaired)

    async def _see(
        self,
        rotation: Rotation,
        app: AppSlot,
        captured: list[Captured],
        target: Target,
        turned: Mapping[str, Captured],
    ) -> None:
        """Bring an app's dependents to their target; ``turned`` are references by now."""
        try:
            await self._propagate.bring(rotation, app, captured, target)
            bad = {required(rotation.old_version)}
            now = [turned.get(str(one.dependent), one) for one in captured]
            await refresh_if_stale(self._kinds, app, now, bad)
        except AppGone:
            # It had the new version at the verification. There is nothing to repair.
            return

    async def _old(self, rotation: Rotation) -> SecretValue | None:
        """Read the old value; None if its version is disabled, by an earlier try or a person.

        Its credential is still to be removed, so dependents are checked all the same.
        """
        try:
            _, old = await self._versions.read(
                rotation.terms.vault_url, rotation.secret, required(rotation.old_version)
            )
        except Rejected:
            return None
        return old

    async def _valid(self, rotation: Rotation) -> tuple[Mapping[str, SecretValue], str]:
        """Read the values that dependents may hold, by version: the current and this rotation's.

        A later rotation of the secret may have written a newer version and updated some dependents.
        """
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        current, value = await self._versions.current(vault_url, secret)
        valid = {current.id: value}
        new = required(rotation.new_version)
        if new != current.id:
            # If it was disabled, dependents that hold it don't hold a valid value.
            with suppress(Rejected):
                _, valid[new] = await self._versions.read(vault_url, secret, new)
        return valid, current.id


def _without_new_version(dependent: str) -> Reason:
    return Reason("setting_without_new_version", {"subject": dependent})


def _reference_to(
    rotation: Rotation, valid: Mapping[str, SecretValue], held: SecretValue | None
) -> KeyVaultReference | None:
    """Return what a dependent holds if that's a reference to a valid version, or to the current."""
    reference = read_reference(held.reveal()) if held else None
    terms = rotation.terms
    if reference is None or not reference.is_to(terms.vault_name, terms.vault_url, rotation.secret):
        return None
    is_valid = reference.version.lower() in {"", *(version.lower() for version in valid)}
    return reference if is_valid else None


def _held_before(captured: Captured, held: SecretValue | None, old: SecretValue | None) -> bool:
    """Say whether a dependent is as it was before the rotation; not known without the old value."""
    if old is None and captured.shape is Shape.LITERAL:
        return False
    return held == as_captured(captured, old)
