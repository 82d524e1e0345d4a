"""Replicas of Latchkey that rotate."""

from composition.core import Core
from composition.ports import RotationPorts
from composition.rotation import compose_rotation
from domain.rotation.rotation import Rotation, Trigger
from services.access.granting.moves import Rotate
from tests.support.builders import HOUR
from tests.support.replica import Replica
from tests.support.rotation.builders import BY_ADA, ROTATED
from tests.support.rotation.crashing_fakes import (
    CrashingHealthChecks,
    CrashingSecretVersions,
)
from tests.support.rotation.watched import WatchedMoves
from tests.support.rotation.world import RotationWorld


class RotationReplica(Replica):
    """One replica with rotation, running until its crash."""

    world: RotationWorld

    def _rotate_after_grant(self, core: Core) -> Rotate:
        world, crash = self.world, self.crash
        ports = RotationPorts(
            versions=CrashingSecretVersions(world.versions, crash),
            dependents=world.dependents(crash),
            health=CrashingHealthChecks(world.health, crash),
            issuers=world.issuers(crash),
        )
        rotation = compose_rotation(core, ports)
        self.rotations = rotation.rotations
        self.schedules = rotation.schedules
        self.locks = rotation.locks
        self.rotation_moves = rotation.moves
        core.engine.register(Rotation, WatchedMoves(rotation.moves, world.begins))
        return rotation.after_grant.rotate

    async def rotate(
        self, rotation_id: str = "rot-one", trigger: Trigger = BY_ADA, secret: str = ROTATED
    ) -> Rotation:
        """Start a rotation, as an admin does."""
        return await self.rotations.start(secret, trigger, rotation_id)

    async def rotation(self, rotation_id: str = "rot-one") -> Rotation:
        found = await self.rotations.find(rotation_id)
        assert found is not None
        return found

    async def rotated(self, rotation_id: str = "rot-one") -> Rotation:
        """Rotate, with an hour for all tries: until the overlap or any other outcome."""
        await self.rotate(rotation_id)
        await self.pass_time(HOUR)
        return await self.rotation(rotation_id)
