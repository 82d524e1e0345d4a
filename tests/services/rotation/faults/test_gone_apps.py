"""An app deleted during a rotation: an admin confirms that nothing can be restored there."""

from functools import partial

import pytest

from cards.reasons.sentences import sentence_in
from domain.rotation.rotation import AppSlot, RotationState
from tests.support.builders import ADA, HOUR
from tests.support.refusing import words_of
from tests.support.rotation.builders import BILLING, CHECKOUT, STAGING
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import APPS, OLD_VALUE, RotationWorld


def _require_the_rest_as_before(
    world: RotationWorld, before: dict[str, dict[str, str]], gone: AppSlot
) -> None:
    rest = [app for app in APPS if app != gone]

    assert {str(app): before[str(app)] for app in rest} == {
        str(app): world.apps.contents(app) for app in rest
    }
    assert world.version("").enabled
    assert world.value("") == OLD_VALUE


@pytest.mark.parametrize("moment", ["perform propagate", "perform verify"])
@pytest.mark.parametrize("app", APPS, ids=str)
async def test_a_rotation_whose_app_is_deleted_ends_after_a_retry_by_an_admin(
    app: AppSlot, moment: str
) -> None:
    world = RotationWorld()
    before = world.azure().settings
    world.when(moment, partial(world.apps.remove, app))
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    [undone] = [
        sentence_in(event, "note")
        for event in await replica.events("rot-one")
        if event.kind == "step_undone" and event.facts["step"] == "propagate"
    ]
    assert helpless.state is RotationState.NEEDS_HUMAN
    assert f"{app}: the app no longer exists" in words_of(helpless.records[-1].note)
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert f"deleted with its app: {app}" in undone
    _require_the_rest_as_before(world, before, app)


async def test_a_reference_of_a_deleted_app_needs_no_refresh() -> None:
    world = RotationWorld()
    before = world.azure().settings

    def lose_the_app() -> None:
        world.mend()
        world.apps.remove(BILLING)

    world.when("perform write", world.versions.show_late)
    world.when("undo write", lose_the_app)
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    _require_the_rest_as_before(world, before, BILLING)


async def test_a_deleted_app_does_not_count_as_restored_without_a_retry() -> None:
    world = RotationWorld()
    world.when("perform verify", partial(world.apps.remove, STAGING))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.NEEDS_HUMAN
    assert world.held(CHECKOUT, "API_KEY") == OLD_VALUE


async def test_one_retry_is_enough_for_all_apps_that_were_deleted() -> None:
    world = RotationWorld()

    def lose_two() -> None:
        world.apps.remove(STAGING)
        world.apps.remove(BILLING)

    world.when("perform verify", lose_two)
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    said = words_of(helpless.records[-1].note)
    assert f"{STAGING}: the app no longer exists" in said
    assert f"{BILLING}: the app no longer exists" in said
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK


async def test_a_retry_for_one_deleted_app_does_not_waive_the_next_one() -> None:
    world = RotationWorld()
    world.when("perform verify", partial(world.apps.remove, STAGING))
    replica = RotationReplica(world)
    await replica.rotated()

    world.apps.remove(BILLING)
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()
    await replica.pass_time(HOUR)

    again = await replica.rotation()
    assert again.state is RotationState.NEEDS_HUMAN
    assert words_of(again.records[-1].note).startswith(f"{BILLING}: the app no longer exists")
