"""Latchkey with rotation, composed for tests."""

from domain.access.request import Request
from domain.rotation.owed import OwedRotation
from domain.rotation.rotation import Rotation, Step, Trigger
from domain.rotation.schedule import ScheduledRotation
from services.access.moves import AccessMoves
from services.people.admins import Admins
from services.people.directory import Directory
from services.rotation.after_grant import AfterGrant
from services.rotation.app_lock import AppLocks
from services.rotation.capture import Capture
from services.rotation.issue import Issue
from services.rotation.late import LateVersions
from services.rotation.locks import Locks
from services.rotation.moves import RotationMoves
from services.rotation.newest_rules import NewestRules
from services.rotation.owed import OwedMoves
from services.rotation.propagate import Propagate
from services.rotation.recheck import Recheck
from services.rotation.retire import Retire
from services.rotation.rotations import Rotations
from services.rotation.schedules import ScheduleMoves, Schedules
from services.rotation.step import RotationStep
from services.rotation.verify import Verify
from services.rotation.write import Write
from tests.support.builders import ADA, BO, HOUR, email_of
from tests.support.crashing_fakes import CrashingAssignments
from tests.support.crashing_rotation_fakes import (
    CrashingAppSettings,
    CrashingHealthChecks,
    CrashingSecretVersions,
)
from tests.support.crashing_table import Crash, CrashingTable
from tests.support.replica import Replica, _middle
from tests.support.rotation_builders import BY_ADA, ROTATED
from tests.support.rotation_watched import WatchedStep
from tests.support.rotation_world import RotationWorld

_ADMINS = (email_of(ADA), email_of(BO))


class RotationReplica(Replica):
    """One replica with rotation, running until its crash."""

    world: RotationWorld

    def __init__(self, world: RotationWorld, crash: Crash | None = None) -> None:
        super().__init__(world, crash)
        table = CrashingTable(world.table, self.crash)
        versions = CrashingSecretVersions(world.versions, self.crash)
        apps = CrashingAppSettings(world.apps, self.crash)
        health = CrashingHealthChecks(world.health, self.crash)
        self.locks = Locks(table)
        admins = Admins(Directory([world.people], self.clock), _ADMINS)
        self.rotations = Rotations(
            self.workflows,
            self.engine,
            world.policies,
            admins,
            self.locks,
            self.clock,
            self.worker.kick,
        )
        newest = NewestRules(table, world.policies, self.clock)
        self.schedules = Schedules(
            self.workflows, self.engine, world.policies, newest, self.clock, _middle
        )
        issuers = world.issuers(self.crash)
        app_locks = AppLocks(self.locks, self.rotations.is_over, self.clock)
        propagate = Propagate(versions, apps, app_locks, self.clock)
        plan: dict[Step, RotationStep] = {
            Step.CAPTURE: Capture(versions, apps, self.rotations.hold, self.clock),
            Step.ISSUE: Issue(versions, issuers, self.rotations.end_overlap),
            Step.WRITE: Write(versions, apps, issuers, self.clock),
            Step.PROPAGATE: propagate,
            Step.VERIFY: Verify(versions, apps, health),
        }
        steps = {name: WatchedStep(name, step, world.begins) for name, step in plan.items()}
        retire = Retire(versions, issuers, Recheck(versions, apps, propagate))
        late = LateVersions(versions)
        self.rotation_moves = RotationMoves(steps, retire, late, self.clock, _middle)
        self.engine.register(Rotation, self.rotation_moves)
        self.engine.register(
            ScheduledRotation,
            ScheduleMoves(self.rotations, versions, newest, self.clock, _middle),
        )
        assignments = CrashingAssignments(world.assignments, self.crash)
        rotate = AfterGrant(self.rotations, self.engine, self.clock).rotate
        self.engine.register(OwedRotation, OwedMoves(self.rotations, self.clock, _middle))
        self.engine.register(
            Request,
            AccessMoves(
                self.leases,
                assignments,
                self.clock,
                _middle,
                self.revocability,
                self._take_away,
                rotate,
            ),
        )

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
