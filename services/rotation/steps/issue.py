"""Issue: have the issuer prepare a new value; the undo withdraws what was issued."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.issuers.issuer import Issuer
from services.rotation.secret_versions import ROTATION_TAG, SecretVersions
from services.rotation.step import StepOutcome, notes
from services.rotation.steps.deleted import skip_if_deleted
from services.rotation.steps.issuing_systems import Find, needs_slot_of
from services.rotation.steps.parts import held_part

EndOverlap = Callable[[str, Rotation], Awaitable[None]]


class Issue:
    """The second step; the value itself is made in the third, since it's never stored."""

    def __init__(
        self,
        versions: SecretVersions,
        issuers: Mapping[str, Issuer],
        find: Find,
        end_overlap: EndOverlap,
    ) -> None:
        """Take the ports.

        ``find`` returns a rotation, and ``end_overlap`` retires the old credential of an earlier
        one at once, for this one.
        """
        self._versions = versions
        self._issuers = issuers
        self._find = find
        self._end_overlap = end_overlap

    async def probe(self, rotation: Rotation) -> StepOutcome | None:  # noqa: ARG002 - preparing twice is harmless
        return None

    async def perform(self, rotation: Rotation) -> StepOutcome:
        old = required(rotation.old_version)
        version, value = await self._versions.read(rotation.terms.vault_url, rotation.secret, old)
        earlier = await self._find(version.tags.get(ROTATION_TAG, ""))
        if earlier and needs_slot_of(self._issuers, rotation, earlier):
            await self._end_overlap(earlier.id, rotation)
        held = held_part(rotation, value)
        credential = await issuer_of(self._issuers, rotation).prepare(rotation, version, held)
        issued = {"issuer": rotation.terms.issuer, "credential": credential}
        return StepOutcome(replace(rotation, credential=credential), Reason("issued_by", issued))

    async def undo(self, rotation: Rotation) -> StepOutcome:
        if rotation.was_made_anew:
            # The dependents could not be put back, so they may use what was issued.
            return StepOutcome(rotation)
        issuer = issuer_of(self._issuers, rotation)
        withdrawing = issuer.withdraw(rotation, await self._old_value(rotation))
        if gone := await skip_if_deleted(rotation, withdrawing, Reason("issuing_system_gone")):
            return StepOutcome(rotation, Reason("nothing_to_withdraw", parts=(gone,)))
        if rotation.unknown_until and not rotation.credential:
            return StepOutcome(rotation)  # what was sent may still change something
        withdrawn = Reason("issued_withdrawn") if rotation.credential else None
        changed = await issuer.changed_for_others(rotation)
        return StepOutcome(rotation, notes([withdrawn, changed]))

    async def _old_value(self, rotation: Rotation) -> SecretValue | None:
        """Read the old value of the rotated part; None if its version is disabled or gone."""
        if rotation.old_version is None:
            return None
        vault_url = rotation.terms.vault_url
        try:
            _, value = await self._versions.read(vault_url, rotation.secret, rotation.old_version)
            return held_part(rotation, value)
        except Rejected:
            return None


def issuer_of(issuers: Mapping[str, Issuer], rotation: Rotation) -> Issuer:
    """Return the rotation's issuer; raises Rejected for an issuer that no longer exists."""
    try:
        return issuers[rotation.terms.issuer]
    except KeyError:
        unknown = Reason("no_issuer", {"issuer": rotation.terms.issuer})
        raise Rejected("Latchkey", unknown) from None


def required(version: str | None) -> str:
    """Return a version ID that an earlier step has stored."""
    if version is None:
        raise ValueError("the step that finds this version has not run")
    return version
