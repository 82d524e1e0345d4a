"""Latchkey with rotation, put together for tests: its world, and the houses in it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from domain.access import Request
from domain.rotation import AppSlot, Rotation, Step, Trigger
from domain.rotation_policy import RotationPolicy
from domain.schedule import ScheduledRotation
from domain.secrets import SecretValue
from services.access_moves import AccessMoves
from services.admins import Admins
from services.directory import Directory
from services.rotation.after_grant import AfterGrant
from services.rotation.capture import Capture
from services.rotation.issue import Issue
from services.rotation.issuers.random import RandomIssuer
from services.rotation.locks import Locks
from services.rotation.moves import RotationMoves
from services.rotation.ports import Issued, Issuer, Version
from services.rotation.propagate import Propagate
from services.rotation.retire import Retire
from services.rotation.rotations import Rotations
from services.rotation.schedules import ScheduleMoves, Schedules
from services.rotation.step import Outcome, RotationStep
from services.rotation.verify import Verify
from services.rotation.write import Write
from services.table import Table
from tests.support.builders import ADA, BO, HOUR, VAULT, email_of
from tests.support.crashing_fakes import CrashingAssignments
from tests.support.crashing_rotation_fakes import (
    CrashingAppSettings,
    CrashingHealthChecks,
    CrashingSecretVersions,
)
from tests.support.crashing_table import Crash, CrashingTable
from tests.support.fault_queue import FaultQueue
from tests.support.house import House, World, _middle
from tests.support.rotation_builders import (
    BILLING,
    BY_ADA,
    CHECKOUT,
    FLOATING,
    LITERAL,
    PINNED,
    ROTATED,
    SLOT,
    STAGING,
    a_rotation_policy,
    rotating,
)
from tests.support.rotation_fakes import FakeAppSettings, FakeHealthChecks, FakeSecretVersions

OLD_VALUE = "canary-old-5e0c7c1f9a3b4d6e8f7a0b1c2d3e4f50"
DEPENDENTS = (LITERAL, PINNED, SLOT, FLOATING)
APPS = (CHECKOUT, BILLING, STAGING)
_ADMINS = (email_of(ADA), email_of(BO))


class WatchedIssuer:
    """Another issuer, of whose calls a test takes note, and orders faults."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self.faults = FaultQueue()
        self.calls: list[str] = []
        self.values: list[str] = []
        """What was issued, whatever became of it."""

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:
        with self._around("prepare", rotation):
            return await self._issuer.prepare(rotation, old, value)

    async def issue(self, rotation: Rotation) -> Issued:
        with self._around("issue", rotation):
            issued = await self._issuer.issue(rotation)
            self.values.append(issued.value.reveal())
            return issued

    async def withdraw(self, rotation: Rotation) -> None:
        with self._around("withdraw", rotation):
            await self._issuer.withdraw(rotation)

    async def retire(self, rotation: Rotation) -> None:
        with self._around("retire", rotation):
            await self._issuer.retire(rotation)

    def _around(self, operation: str, rotation: Rotation) -> AbstractContextManager[None]:
        self.calls.append(f"{rotation.id} {operation}")
        return self.faults.around(operation)


class WatchedStep:
    """Another step, that tells the world when it begins."""

    def __init__(self, name: Step, step: RotationStep, world: "RotationWorld") -> None:
        self._name = name
        self._step = step
        self._world = world

    async def probe(self, rotation: Rotation) -> Outcome | None:
        self._world.begins(f"perform {self._name}")
        return await self._step.probe(rotation)

    async def perform(self, rotation: Rotation) -> Outcome:
        return await self._step.perform(rotation)

    async def undo(self, rotation: Rotation) -> Outcome:
        self._world.begins(f"undo {self._name}")
        return await self._step.undo(rotation)


@dataclass(frozen=True, slots=True)
class Azure:
    """The vault and the apps byte for byte: versions oldest first, settings by app."""

    versions: tuple[tuple[str, bool], ...]
    """Each version's value, and whether it is enabled."""
    settings: dict[str, dict[str, str]]


class RotationWorld(World):
    """A world in which a secret is kept in a vault and used by three apps."""

    def __init__(self, *rules: RotationPolicy, table: Table | None = None) -> None:
        super().__init__(table, rotating(*(rules or (a_rotation_policy(dependents=DEPENDENTS),))))
        self.versions = FakeSecretVersions(self.clock)
        self.old = self.versions.put(VAULT.url, ROTATED, OLD_VALUE, content_type="text/plain")
        self.apps = FakeAppSettings(self.versions, [VAULT])
        self.apps.add(CHECKOUT, {"API_KEY": OLD_VALUE, "OTHER": "other-1", "MODE": "live"})
        self.apps.add(STAGING, {"API_KEY": OLD_VALUE, "MODE": "staging"})
        self.apps.add(
            BILLING,
            {
                "UPSTREAM_KEY": f"@Microsoft.KeyVault(SecretUri={self.uri}/{self.old})",
                "FLOATING_KEY": f"@Microsoft.KeyVault(SecretUri={self.uri}/)",
                "CURRENCY": "EUR",
            },
        )
        self.health = FakeHealthChecks()
        self.issuer = WatchedIssuer(RandomIssuer())
        self.issuers: dict[str, Issuer] = {"random": self.issuer}
        self._hooks: dict[str, Callable[[], None]] = {}

    def rotate_by(self, *rules: RotationPolicy) -> None:
        """Change the policies, for houses to come."""
        self.policies = rotating(*rules)

    def when(self, moment: str, hook: Callable[[], None]) -> None:
        """Do something once, right before ``perform write``, ``undo write``, …, first begins."""
        self._hooks[moment] = hook

    def begins(self, moment: str) -> None:
        """Do what was ordered for this moment."""
        self._hooks.pop(moment, _nothing)()

    def mend(self) -> None:
        """Let everything in Azure work again."""
        for faults in (self.versions.faults, self.apps.faults, self.issuer.faults):
            faults.clear()
        self.versions.show_late(0)
        self.apps.show_late(0)
        self.apps.is_stuck = False
        self.health.sick.clear()
        self.health.faults.clear()

    @property
    def uri(self) -> str:
        return f"{VAULT.url}/secrets/{ROTATED}"

    def azure(self) -> Azure:
        """Look at all of it as it is now."""
        return Azure(
            tuple(self.versions.contents(VAULT.url, ROTATED)),
            {str(app): self.apps.contents(app) for app in APPS},
        )

    def held(self, app: AppSlot, setting: str) -> str:
        """Return what an app's setting holds now."""
        return self.apps.contents(app)[setting]

    def disable_newest(self) -> None:
        """Disable the newest version, as somebody else would."""
        self._change_newest(enabled=False)

    def forget_when_made(self) -> None:
        """Let the newest version not say when it was made."""
        self._change_newest(created_at=None)

    def _change_newest(self, **changes: Any) -> None:
        kept = self.versions.find(VAULT.url, ROTATED, "")
        assert kept is not None
        kept.version = replace(kept.version, **changes)

    def version(self, version_id: str) -> Version:
        """Return a version's metadata; the newest one's for an empty id."""
        kept = self.versions.find(VAULT.url, ROTATED, version_id)
        assert kept is not None
        return kept.version

    def value(self, version_id: str) -> str:
        """Return a version's value; the newest one's for an empty id."""
        kept = self.versions.find(VAULT.url, ROTATED, version_id)
        assert kept is not None
        return kept.value.reveal()

    def current(self) -> str:
        """Return the id of the newest version."""
        return self.version("").id


class RotationHouse(House):
    """One replica that rotates, alive until its crash."""

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
        self.schedules = Schedules(self.workflows, self.engine, world.policies, self.clock, _middle)
        plan: dict[Step, RotationStep] = {
            Step.CAPTURE: Capture(versions, apps, self.rotations.hold),
            Step.ISSUE: Issue(versions, world.issuers, self.rotations.end_overlap),
            Step.WRITE: Write(versions, world.issuers, self.clock),
            Step.PROPAGATE: Propagate(versions, apps, self.locks, self.rotations.is_over),
            Step.VERIFY: Verify(versions, apps, health),
        }
        steps = {name: WatchedStep(name, step, world) for name, step in plan.items()}
        retire = Retire(versions, world.issuers)
        self.engine.learn(Rotation, RotationMoves(steps, retire, self.clock, _middle))
        self.engine.learn(
            ScheduledRotation, ScheduleMoves(self.rotations, versions, self.clock, _middle)
        )
        assignments = CrashingAssignments(world.assignments, self.crash)
        rotate = AfterGrant(self.rotations).rotate
        self.engine.learn(
            Request, AccessMoves(self.leases, assignments, self.clock, _middle, rotate)
        )

    async def rotate(
        self, rotation_id: str = "rot-one", trigger: Trigger = BY_ADA, secret: str = ROTATED
    ) -> Rotation:
        """Begin a rotation, as an admin does."""
        return await self.rotations.start(secret, trigger, rotation_id)

    async def rotation(self, rotation_id: str = "rot-one") -> Rotation:
        found = await self.rotations.find(rotation_id)
        assert found is not None
        return found

    async def rotated(self, rotation_id: str = "rot-one") -> Rotation:
        """Rotate, with an hour for all tries: until the overlap, or whatever else it comes to."""
        await self.rotate(rotation_id)
        await self.pass_time(HOUR)
        return await self.rotation(rotation_id)


def _nothing() -> None:
    """Do nothing: no hook was set for the moment."""
