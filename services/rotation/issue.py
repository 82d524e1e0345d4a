"""Issue: the issuer gets ready to make a new value, and makes what was issued useless again."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.deleted import skip_if_deleted
from services.rotation.issuers.issuer import Issuer
from services.rotation.parts import held_part
from services.rotation.secret_versions import ROTATION_TAG, SecretVersions
from services.rotation.step import StepOutcome

EndOverlap = Callable[[str], Awaitable[None]]


class Issue:
    """The second step; values are made when they are written, since they are stored nowhere."""

    def __init__(
        self, versions: SecretVersions, issuers: Mapping[str, Issuer], end_overlap: EndOverlap
    ) -> None:
        """Take the ports, and what retires the old credential of an earlier rotation at once."""
        self._versions = versions
        self._issuers = issuers
        self._end_overlap = end_overlap

    async def probe(self, rotation: Rotation) -> StepOutcome | None:  # noqa: ARG002 - preparing twice is harmless
        return None

    async def perform(self, rotation: Rotation) -> StepOutcome:
        old = required(rotation.old_version)
        version, value = await self._versions.read(rotation.terms.vault_url, rotation.secret, old)
        # The slot that is issued next may still be valid for an earlier rotation's overlap.
        await self._end_overlap(version.tags.get(ROTATION_TAG, ""))
        held = held_part(rotation, value)
        credential = await issuer_of(self._issuers, rotation).prepare(rotation, version, held)
        issued = {"issuer": rotation.terms.issuer, "credential": credential}
        return StepOutcome(replace(rotation, credential=credential), Reason("issued_by", issued))

    async def undo(self, rotation: Rotation) -> StepOutcome:
        if rotation.was_made_anew:
            # The dependents could not be put back: they may live by what was issued.
            return StepOutcome(rotation)
        issuer = issuer_of(self._issuers, rotation)
        withdrawing = issuer.withdraw(rotation, await self._old_value(rotation))
        if gone := await skip_if_deleted(rotation, withdrawing, Reason("issuing_system_gone")):
            return StepOutcome(rotation, Reason("nothing_to_withdraw", parts=(gone,)))
        withdrawn = Reason("issued_withdrawn") if rotation.credential else None
        return StepOutcome(rotation, withdrawn)

    async def _old_value(self, rotation: Rotation) -> SecretValue | None:
        """Read the part that is rotated as it was; None where it is disabled or gone."""
        if rotation.old_version is None:
            return None
        vault_url = rotation.terms.vault_url
        try:
            _, value = await self._versions.read(vault_url, rotation.secret, rotation.old_version)
            return held_part(rotation, value)
        except Rejected:
            return None


def issuer_of(issuers: Mapping[str, Issuer], rotation: Rotation) -> Issuer:
    """Return the rotation's issuer; raises Rejected for one that is not there any more."""
    try:
        return issuers[rotation.terms.issuer]
    except KeyError:
        unknown = Reason("no_issuer", {"issuer": rotation.terms.issuer})
        raise Rejected("Latchkey", unknown) from None


def required(version: str | None) -> str:
    """Return a version id that an earlier step has stored."""
    if version is None:
        raise ValueError("the step that finds this version has not run")
    return version
