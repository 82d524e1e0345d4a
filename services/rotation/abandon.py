"""Abandon a rotation that can't finish."""

from domain.people import Actor
from domain.reasons import Reason
from domain.refusals.rotations import AbandonWithoutReason, NothingToAbandon, UnknownRotation
from domain.rotation import changes as rotation_changes
from domain.rotation.remains import remains_of
from domain.rotation.rotation import Rotation, RotationState
from domain.visible import says_something
from domain.workflow import Change
from services.clock import Clock
from services.faults import Fault
from services.rotation.fault_reasons import reason_of
from services.rotation.rotations import Rotations
from services.rotation.secret_versions import SecretVersions
from services.typed_reasons import checked_reason


class Abandonments:
    """Ends rotations without finishing them; raises refusals."""

    def __init__(self, rotations: Rotations, versions: SecretVersions, clock: Clock) -> None:
        self._rotations = rotations
        self._versions = versions
        self._clock = clock

    async def look(
        self, rotation_id: str, reason: str | None
    ) -> tuple[Rotation, tuple[Reason, ...]]:
        """Return a rotation that can be abandoned, and what would be left behind.

        ``reason`` is None where it is still to be asked for.
        """
        rotation = await self._rotations.find(rotation_id)
        if rotation is None:
            raise UnknownRotation
        _require(rotation, reason)
        return rotation, await self._left(rotation)

    async def abandon(self, actor: Actor, rotation_id: str, reason: str) -> Rotation:
        """End a rotation that needs a human, which unlocks its secret and its apps."""
        _, left = await self.look(rotation_id, reason)

        def change(rotation: Rotation) -> Change[Rotation]:
            _require(rotation, reason)
            why = checked_reason(reason)
            return rotation_changes.abandon(rotation, actor, why, left, self._clock())

        return await self._rotations.change(rotation_id, change)

    async def _left(self, rotation: Rotation) -> tuple[Reason, ...]:
        try:
            current, _ = await self._versions.current(rotation.terms.vault_url, rotation.secret)
        except Fault as fault:
            return remains_of(rotation, None, reason_of(fault))
        return remains_of(rotation, current.id)


def _require(rotation: Rotation, reason: str | None) -> None:
    if rotation.state is not RotationState.NEEDS_HUMAN:
        raise NothingToAbandon(rotation.state)
    if reason is not None and not says_something(checked_reason(reason)):
        raise AbandonWithoutReason(rotation.id)
