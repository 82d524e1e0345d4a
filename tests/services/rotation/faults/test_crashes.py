"""Crash everywhere: wherever a process dies, a secret ends up fully rotated or fully rolled back.

Each scenario is a list of steps. A run dies before or after its n-th write or effect. Then Latchkey
starts again, anyone who got no answer repeats their step, and the scenario continues.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from domain.refusals.rotations import NothingToRetry
from domain.rotation.policy import Schedule
from domain.rotation.rotation import RotationState
from services.azure.tables import AzureTable
from services.faults import Unavailable
from services.rotation.scheduling.schedules import derived_rotation_id, schedule_id
from services.storage.table import Table
from tests.services.rotation.endings import require_ended
from tests.support.builders import ADA, HOUR
from tests.support.clock import NINE
from tests.support.processes import crashing_steps
from tests.support.rotation.builders import LITERAL, a_rotation_policy
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld
from tests.support.tables.crashing_table import EITHER, Crash, When

pytestmark = pytest.mark.usefixtures("few_shards")

Step = Callable[[RotationReplica], Awaitable[object]]

HEALTH = "https://checkout.example/health"
CHECKED = replace(LITERAL, health_url=HEALTH)
POLICY = a_rotation_policy(
    dependents=(CHECKED, *DEPENDENTS[1:]), overlap=HOUR, schedule=Schedule("0 12 * * *")
)
NOON = NINE + 3 * HOUR


async def _settle(replica: RotationReplica) -> None:
    await replica.settle()


async def _let_it_end(replica: RotationReplica) -> None:
    await replica.pass_time(2 * HOUR)


async def _let_a_day_begin(replica: RotationReplica) -> None:
    await replica.schedules.sync()
    await replica.pass_time(5 * HOUR)


async def _mend_and_retry(replica: RotationReplica) -> None:
    replica.world.mend()
    # A person who got no answer may find that their step worked.
    with suppress(NothingToRetry):
        await replica.rotations.retry(ADA, "rot-one")


def _well(world: RotationWorld) -> None:
    """Do nothing."""


def _sick(world: RotationWorld) -> None:
    world.health.sick.add(HEALTH)


def _not_withdrawn(world: RotationWorld) -> None:
    _sick(world)
    world.issuer.faults.order("withdraw", Unavailable("Azure", "503"), times=FOREVER)


def _not_retired(world: RotationWorld) -> None:
    world.versions.faults.order("disable", Unavailable("Azure", "503"), times=FOREVER)


@dataclass(frozen=True, slots=True)
class Life:
    """What happens to a secret, in a world prepared for it."""

    steps: tuple[Step, ...]
    ends: RotationState
    prepare: Callable[[RotationWorld], None] = _well
    rotation: str = "rot-one"


LIVES = {
    "rotated": Life((RotationReplica.rotate, _settle, _let_it_end), RotationState.ROTATED),
    "rolled back": Life(
        (RotationReplica.rotate, _settle, _let_it_end), RotationState.ROLLED_BACK, _sick
    ),
    "rotated on schedule": Life(
        (_let_a_day_begin,),
        RotationState.ROTATED,
        rotation=derived_rotation_id(schedule_id(POLICY), NOON.isoformat()),
    ),
    "rolled back with a human's help": Life(
        (RotationReplica.rotate, _let_it_end, _mend_and_retry, _let_it_end),
        RotationState.ROLLED_BACK,
        _not_withdrawn,
    ),
    "rotated with a human's help": Life(
        (RotationReplica.rotate, _let_it_end, _mend_and_retry, _let_it_end),
        RotationState.ROTATED,
        _not_retired,
    ),
}


async def _live(life: Life, crash: Crash, table: Table | None = None) -> RotationWorld:
    """Run a scenario in which the first process dies."""
    world = RotationWorld(POLICY, table=table)
    life.prepare(world)
    replica = RotationReplica(world, crash)
    await crashing_steps.take(life.steps, replica, lambda: RotationReplica(world), world.clock)
    return world


@dataclass(frozen=True, slots=True)
class Ending:
    """What a crash must not change, besides vault and apps."""

    state: RotationState
    events: list[str]
    queued: list[str]
    told: set[str]


async def _ending(life: Life, world: RotationWorld) -> Ending:
    replica = RotationReplica(world)
    return Ending(
        state=(await replica.rotation(life.rotation)).state,
        # A rotation whose process may have died during a change waits for its outcome.
        events=[kind for kind in await replica.event_kinds(life.rotation) if kind != "step_waits"],
        queued=[name for name in await world.queued() if schedule_id(POLICY) not in name],
        told=set(world.message_sender.audited()),
    )


@pytest.mark.parametrize("name", LIVES)
async def test_a_run_without_a_crash_ends_cleanly(name: str) -> None:
    life = LIVES[name]
    before = RotationWorld(POLICY).azure()

    world = await _live(life, Crash())

    ending = await _ending(life, world)
    assert life.ends is ending.state
    assert ending.queued == []
    await require_ended(RotationReplica(world), before, life.rotation)


@pytest.mark.parametrize("when", EITHER)
@pytest.mark.parametrize("name", LIVES)
async def test_the_end_is_the_same_wherever_the_process_dies(name: str, when: When) -> None:
    life = LIVES[name]
    before = RotationWorld(POLICY).azure()
    whole = Crash()
    expected = await _ending(life, await _live(life, whole))

    assert whole.points > 35
    for point in range(1, whole.points + 1):
        world = await _live(life, Crash(point, when))
        assert await _ending(life, world) == expected, f"died {when.name} point {point}"
        await require_ended(RotationReplica(world), before, life.rotation)


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize(("name", "point"), [("rotated", 23), ("rolled back", 41)])
async def test_the_end_is_the_same_with_the_real_table(
    azurite_table: AzureTable, name: str, point: int, when: When
) -> None:
    life = LIVES[name]
    before = RotationWorld(POLICY).azure()
    expected = await _ending(life, await _live(life, Crash()))

    world = await _live(life, Crash(point, when), azurite_table)

    assert await _ending(life, world) == expected
    await require_ended(RotationReplica(world), before)
