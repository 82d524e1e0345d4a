"""Rotation: its steps, schedules and use cases."""

from dataclasses import dataclass

from composition.core import Core
from composition.ports import RotationPorts
from domain.rotation.owed import OwedRotation
from domain.rotation.rotation import Rotation, Step
from domain.rotation.schedule import ScheduledRotation
from services.rotation.abandon import Abandonments
from services.rotation.locks import Locks
from services.rotation.moves import MoveTools, RotationMoves
from services.rotation.overview import Overview
from services.rotation.planner import Planner
from services.rotation.retiring.duplicates import LateDuplicates
from services.rotation.retiring.newcomers import Newcomers
from services.rotation.retiring.recheck import Recheck
from services.rotation.retiring.retire import Retire
from services.rotation.rotations import Rotations
from services.rotation.scheduling.after_grant import AfterGrant
from services.rotation.scheduling.newest_rules import NewestRules
from services.rotation.scheduling.owed import OwedMoves
from services.rotation.scheduling.schedules import ScheduleMoves, Schedules
from services.rotation.steps.app_lock import AppLocks
from services.rotation.steps.capture import Capture
from services.rotation.steps.issue import Issue
from services.rotation.steps.propagate import Propagate
from services.rotation.steps.verify import Verify
from services.rotation.steps.write import Write
from services.rotation.versions.late import LateVersions
from services.rotation.versions.listed_once import ListedOnce


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationServices:
    """The use cases of rotation."""

    rotations: Rotations
    planner: Planner
    abandonments: Abandonments
    schedules: Schedules
    overview: Overview
    after_grant: AfterGrant
    moves: RotationMoves
    locks: Locks


def compose_rotation(core: Core, ports: RotationPorts) -> RotationServices:
    """Construct the use cases, and register the workflows of rotation with the engine."""
    engine, clock, random, locks = core.engine, core.clock, core.random, Locks(core.table)
    rotations = Rotations(
        core.workflows, engine, core.policies, core.admins, locks, clock, core.advance_soon
    )
    newest = NewestRules(core.table, core.policies, clock)
    schedules = Schedules(core.workflows, engine, core.policies, newest, clock, random)
    moves = _moves(core, ports, locks, rotations, newest)
    engine.register(Rotation, moves)
    engine.register(OwedRotation, OwedMoves(rotations, newest, clock, random))
    engine.register(
        ScheduledRotation, ScheduleMoves(rotations, ports.versions, newest, clock, random)
    )
    return RotationServices(
        rotations=rotations,
        planner=Planner(rotations, ports.versions, ports.dependents, ports.issuers, clock),
        abandonments=Abandonments(rotations, ports.versions, clock),
        schedules=schedules,
        overview=Overview(rotations, schedules, ports.versions, clock),
        after_grant=AfterGrant(engine, clock),
        moves=moves,
        locks=locks,
    )


def _moves(
    core: Core, ports: RotationPorts, locks: Locks, rotations: Rotations, newest: NewestRules
) -> RotationMoves:
    issuers, dependents, clock = ports.issuers, ports.dependents, core.clock
    app_locks = AppLocks(locks, rotations.is_over, clock)

    def tools() -> MoveTools:
        versions = ListedOnce(ports.versions)
        propagate = Propagate(versions, dependents, app_locks, clock)
        duplicates = LateDuplicates(versions, dependents)
        recheck = Recheck(versions, dependents, propagate)
        newcomers = Newcomers(versions, dependents, core.policies, newest.are_ours)
        return MoveTools(
            steps={
                Step.CAPTURE: Capture(versions, dependents, issuers, rotations.hold, clock),
                Step.ISSUE: Issue(versions, issuers, rotations.find, rotations.end_overlap),
                Step.WRITE: Write(versions, dependents, issuers, clock),
                Step.PROPAGATE: propagate,
                Step.VERIFY: Verify(versions, dependents, issuers, ports.health),
            },
            retire=Retire(versions, issuers, duplicates, recheck, newcomers, rotations.find),
            late=LateVersions(versions),
            duplicates=duplicates,
        )

    return RotationMoves(tools, clock, core.random)
