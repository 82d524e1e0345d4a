"""Retire: after the overlap, disable the old version and invalidate its credential."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from services.faults import Fault
from services.rotation.issuers.issuer import Issuer
from services.rotation.retiring.copies import copies_of_old
from services.rotation.retiring.duplicates import LateDuplicates
from services.rotation.retiring.newcomers import Newcomers
from services.rotation.retiring.recheck import Recheck
from services.rotation.retiring.successor import require_successor
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import CredentialLeft, StepOutcome, StillUnknown, notes
from services.rotation.steps.deleted import skip_if_deleted
from services.rotation.steps.issue import issuer_of, required
from services.rotation.steps.issuing_systems import Find, other_issuer_of
from services.rotation.versions.recreated import is_recreated

log = logging.getLogger(__name__)


class Retire:
    """The last step; it has no undo, since no dependent uses the old version by then."""

    def __init__(
        self,
        versions: SecretVersions,
        issuers: Mapping[str, Issuer],
        duplicates: LateDuplicates,
        recheck: Recheck,
        newcomers: Newcomers,
        find: Find,
    ) -> None:
        """Take the ports; ``find`` returns a rotation."""
        self._versions = versions
        self._issuers = issuers
        self._duplicates = duplicates
        self._find = find
        self._recheck = recheck
        self._newcomers = newcomers

    async def perform(self, rotation: Rotation) -> StepOutcome:
        if await is_recreated(self._versions, rotation):
            # Whoever recreated the secret may use the old credential, so it stays.
            left = (
                Reason("old_credential_left", {"credential": rotation.old_credential})
                if rotation.old_credential
                else None
            )
            note = notes([Reason("secret_recreated"), left])
            return StepOutcome(replace(rotation, was_made_anew=True), note)
        old, vault_url = required(rotation.old_version), rotation.terms.vault_url
        issuer = issuer_of(self._issuers, rotation)
        late = await self._duplicates.replace(rotation)
        without_successor = await require_successor(self._versions, issuer, rotation, self._find)
        gone = [without_successor]
        # Dependents get nothing before the secret's current value is known to be valid.
        repaired: list[str] = []
        copies = await copies_of_old(self._versions, rotation)
        if not without_successor:
            repaired = await self._recheck.repair(rotation)
            await self._newcomers.require_none_with_old_value(rotation, {old, *copies})
        others = await self._credential_of_other_issuer(rotation)
        for copy in copies:
            await self._versions.disable(vault_url, rotation.secret, copy)
        disabling = self._versions.disable(vault_url, rotation.secret, old)
        version = {"version": old[:8]}
        left = await skip_if_deleted(rotation, disabling, Reason("old_version_gone", version))
        own = replace(rotation, old_credential="") if others else rotation
        gone.append(await _credential_retired(issuer, own, is_old_disabled=left is None))
        done = [left or Reason("old_version_disabled", version), others, *gone]
        if copies:
            shown = {"versions": tuple(copy[:8] for copy in copies)}
            done.insert(1, Reason("old_copies_disabled", shown))
        if late:
            shown = {"versions": tuple(version[:8] for version in late)}
            done.insert(0, Reason("late_versions_disabled", shown))
        if repaired:
            done.insert(0, Reason("settings_updated_again", {"dependents": tuple(repaired)}))
        if not gone[-1]:
            return await _with_remaining(issuer, rotation, done)
        return StepOutcome(rotation, notes(done))

    async def _credential_of_other_issuer(self, rotation: Rotation) -> Reason | None:
        """Say that the old credential stays, since the policy no longer names its issuer."""
        if not rotation.old_credential:
            return None
        listed = await self._versions.list(rotation.terms.vault_url, rotation.secret)
        old = next((one for one in listed if one.id == rotation.old_version), None)
        if old is None:
            return None
        issuer = await other_issuer_of(self._versions, self._issuers, self._find, rotation, old)
        if issuer is None:
            return None
        left = {"credential": rotation.old_credential, "issuer": issuer}
        return Reason("credential_of_other_issuer_left", left)


async def _credential_retired(
    issuer: Issuer, rotation: Rotation, *, is_old_disabled: bool
) -> Reason | None:
    """Retire the old credential; return a note if what issued it is gone.

    Raises CredentialLeft if that fails, and the old version was read back as disabled before.
    """
    try:
        retiring = issuer.retire(rotation)
        return await skip_if_deleted(rotation, retiring, Reason("old_issuing_system_gone"))
    except StillUnknown:
        raise
    except Fault as fault:
        if not is_old_disabled:
            raise
        raise CredentialLeft(fault) from fault


async def _with_remaining(
    issuer: Issuer, rotation: Rotation, done: list[Reason | None]
) -> StepOutcome:
    """List what else is valid; everything is retired by then, so a failure is only noted."""
    try:
        remaining = await issuer.remaining(rotation)
    except Fault as fault:
        log.warning("%s: could not list the other credentials: %s", rotation.id, fault)
        return StepOutcome(rotation, notes([*done, Reason("remaining_unreadable")]))
    return StepOutcome(replace(rotation, remaining=remaining), notes(done))
