"""Which moves only record, so that the worker doesn't claim them first."""

from typing import Any

import pytest

from domain.access.request import AccessEffect, Request
from domain.drill.drill import Drill
from domain.drill.drills import Drills
from domain.reconciliation.orphan import Orphan, OrphanEffect
from domain.reconciliation.reconciliation import Reconciliation, ReconciliationEffect
from domain.rotation.owed import OwedRotation
from domain.rotation.rotation import Rotation, RotationEffect
from domain.rotation.schedule import ScheduledRotation, ScheduleEffect
from tests.support.replica import Replica, World
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld

OF_ACCESS = set(AccessEffect) - {
    AccessEffect.START,  # may grant
    AccessEffect.GRANT,
    AccessEffect.REVOKE,
    AccessEffect.LOOK_AGAIN,  # starts the removal of what came late
    AccessEffect.SEE_READS,  # asks the vaults' log, which takes its time
}
EFFECTS = {*AccessEffect, *OrphanEffect, *ReconciliationEffect, *RotationEffect, *ScheduleEffect}


@pytest.mark.parametrize(
    ("kind", "effects"),
    [
        (Request, OF_ACCESS),
        (Drill, OF_ACCESS),
        (Drills, set()),
        (Orphan, {OrphanEffect.RAISE_ALARM}),
        (Reconciliation, set()),
        (Rotation, {RotationEffect.LAPSE}),
        (ScheduledRotation, set()),
        (OwedRotation, set()),
    ],
)
def test_of_each_kind_these_moves_only_record(kind: type[Any], effects: set[str]) -> None:
    moves = RotationReplica(RotationWorld()).engine._kinds[kind]

    assert {effect for effect in EFFECTS if moves.only_records(effect)} == effects


@pytest.mark.parametrize("effect", sorted(OF_ACCESS))
async def test_what_only_records_changes_nothing_before_its_record(effect: str) -> None:
    world = World()
    replica = Replica(world)
    request = await replica.give()
    world.assignments.calls.clear()
    world.table.forget_counts()

    change = await replica.access_moves.perform(effect, request)

    assert change.events
    assert (world.assignments.calls, world.table.transactions) == ([], 0)
