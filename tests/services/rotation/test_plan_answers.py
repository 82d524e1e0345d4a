"""A plan that was cancelled starts nothing, whichever click came first."""

import pytest

from domain.refusals.commands import PlanCancelled
from domain.rotation.rotation import Rotation
from domain.rotation.terms import digest_of
from services.faults import Conflict
from services.rotation.confirmation import Confirmation
from services.storage.table import Operation
from services.workflow.plan_answers import PlanAnswers
from tests.support.builders import ADA, BO
from tests.support.rotation.builders import BY_ADA, ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.fixture
def replica(world: RotationWorld) -> RotationReplica:
    return RotationReplica(world)


@pytest.fixture
def answers(world: RotationWorld) -> PlanAnswers:
    return PlanAnswers(world.store, world.clock)


async def test_a_plan_cancelled_while_its_rotation_is_starting_starts_nothing(
    world: RotationWorld, replica: RotationReplica, answers: PlanAnswers
) -> None:
    before = world.azure()
    confirmed = await answers.confirm(ADA, "rot-one")
    is_cancelled = await answers.cancel(BO, "rot-one")

    with pytest.raises(Conflict):
        await _start(replica, confirmed)
    await replica.settle()

    assert is_cancelled
    assert await replica.rotations.find("rot-one") is None
    assert world.azure() == before


async def test_a_plan_whose_rotation_has_started_cannot_be_cancelled(
    replica: RotationReplica, answers: PlanAnswers
) -> None:
    await _start(replica, await answers.confirm(ADA, "rot-one"))

    assert not await answers.cancel(ADA, "rot-one")


async def test_a_plan_that_was_cancelled_after_its_confirmation_cannot_be_confirmed_again(
    answers: PlanAnswers,
) -> None:
    await answers.confirm(ADA, "rot-one")
    await answers.cancel(BO, "rot-one")

    with pytest.raises(PlanCancelled) as refusal:
        await answers.confirm(ADA, "rot-one")

    assert refusal.value.reason.params["who"] == BO.name


async def test_a_plan_can_be_confirmed_again_after_a_refusal(
    replica: RotationReplica, answers: PlanAnswers
) -> None:
    await answers.confirm(ADA, "rot-one")
    started = await _start(replica, await answers.confirm(BO, "rot-one"))

    assert await replica.rotations.find("rot-one") == started


async def test_two_confirmations_at_once_start_one_rotation(
    replica: RotationReplica, answers: PlanAnswers
) -> None:
    first = await answers.confirm(ADA, "rot-one")
    second = await answers.confirm(BO, "rot-one")
    started = await _start(replica, first)

    assert await _start(replica, second) == started


async def test_whoever_cancels_again_is_told_it_is_cancelled(answers: PlanAnswers) -> None:
    await answers.cancel(ADA, "rot-one")

    assert await answers.cancel(ADA, "rot-one")
    with pytest.raises(PlanCancelled):
        await answers.cancel(BO, "rot-one")


async def _start(replica: RotationReplica, confirmed: Operation) -> Rotation:
    rules = digest_of(a_rotation_policy(dependents=DEPENDENTS))
    plan = Confirmation("a:ada", rules, confirmed)
    return await replica.rotations.start(ROTATED, BY_ADA, "rot-one", plan)
