"""A rotation that fails at its write: nothing, no app either, uses the bad version afterwards."""

from collections.abc import Callable

import pytest

from domain.rotation.rotation import AppSlot, RotationState, Step
from domain.secrets import SecretValue
from services.faults import Fault, NotPermitted, Unavailable
from services.rotation.secret_versions import Version
from tests.services.rotation.endings import require_resolved, require_rolled_back
from tests.support.builders import ADA, MINUTE
from tests.support.rotation.builders import BILLING, FLOATING
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.crashing_table import When

PASSING = [
    pytest.param(Unavailable("Azure", "503"), When.BEFORE, id="error"),
    pytest.param(Unavailable("Azure", "no answer in time"), When.AFTER, id="lost answer"),
]
LASTING = [Unavailable("Azure", "503"), NotPermitted("Azure", "403 ForbiddenByRbac")]


def _unseen(then: Callable[[RotationWorld], None] | None = None) -> RotationWorld:
    """A world whose vault doesn't show what is written, although App Service finds it."""
    world = RotationWorld()

    def come_upon_it() -> None:
        world.mend()
        world.apps.change(BILLING)
        if then:
            then(world)

    world.when("perform write", world.versions.show_late)
    world.when("undo write", come_upon_it)
    return world


async def test_a_reference_to_the_bad_version_resolves_to_the_old_value_again() -> None:
    met: list[str | None] = []

    def look(world: RotationWorld) -> None:
        met.append(world.apps.active_version(BILLING, FLOATING.setting))

    world = _unseen(look)
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    (_, (_, is_bad_enabled), _) = world.azure().versions
    assert rotation.state is RotationState.ROLLED_BACK
    assert Step.WRITE not in {one.step for one in rotation.records if one.status == "done"}
    assert not is_bad_enabled
    assert met != [world.old]
    assert world.current() == world.apps.active_version(BILLING, FLOATING.setting)
    require_rolled_back(world, before)
    await require_resolved(world)


async def test_the_old_value_comes_first_then_the_apps_and_the_bad_version_is_disabled_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    world = _unseen()
    write, refresh, disable = world.versions.write, world.apps.refresh, world.versions.disable

    async def writing(vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        done.append("write")
        return await write(vault_url, name, value, version)

    async def refreshing(app: AppSlot) -> None:
        done.append(f"refresh {app}")
        await refresh(app)

    async def disabling(vault_url: str, name: str, version: str) -> None:
        done.append("disable")
        await disable(vault_url, name, version)

    monkeypatch.setattr(world.versions, "write", writing)
    monkeypatch.setattr(world.apps, "refresh", refreshing)
    monkeypatch.setattr(world.versions, "disable", disabling)

    await RotationReplica(world).rotated()

    assert done == ["write", "write", "refresh billing-worker", "disable"]


@pytest.mark.parametrize(("fault", "when"), PASSING)
@pytest.mark.parametrize("operation", ["refresh", "reference"])
async def test_a_refresh_that_fails_temporarily_is_retried(
    operation: str, fault: Fault, when: When
) -> None:
    world = _unseen(lambda one: one.apps.faults.order(operation, fault, when=when))
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("operation", ["refresh", "reference"])
async def test_a_refresh_that_keeps_failing_needs_a_human_who_retries_it(
    operation: str, fault: Fault
) -> None:
    world = _unseen(lambda one: one.apps.faults.order(operation, fault, times=FOREVER))
    before = world.azure()
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    world.mend()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)


async def test_the_bad_version_is_not_disabled_while_a_reference_still_resolves_to_it() -> None:
    def stick(world: RotationWorld) -> None:
        world.apps.is_stuck = True

    world = _unseen(stick)
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(3 * MINUTE)
    waiting = world.azure().versions

    world.mend()
    await replica.pass_time(3 * MINUTE)

    assert [is_enabled for _, is_enabled in waiting] == [True, True, True]
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)
