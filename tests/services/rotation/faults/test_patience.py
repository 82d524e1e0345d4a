"""What App Service has accepted but not done yet is waited for; what is clearly wrong isn't."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import AppSlot, Rotation, RotationState, Step
from services.faults import Unavailable
from services.rotation.dependents.kind import ReferenceState
from services.rotation.step import NotYet
from tests.services.rotation.endings import require_resolved, require_rolled_back, require_rotated
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.refusing import words_of
from tests.support.rotation.builders import BILLING, LITERAL, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld

HEALTH = "https://checkout.example/health"
UNAVAILABLE = Unavailable("Azure", "503")
THROTTLED = Unavailable("Azure", "429", 90 * SECOND)


def _late() -> RotationWorld:
    """A world in which references don't re-resolve yet."""
    world = RotationWorld()
    world.apps.is_stuck = True
    return world


async def _resolve(world: RotationWorld) -> None:
    """Let App Service do what it accepted."""
    world.apps.is_stuck = False
    await world.apps.refresh(BILLING)


async def _failed_after(replica: RotationReplica, rotation: Rotation) -> int:
    """Return for how many seconds verify was tried before the roll-back."""
    [failed] = [event for event in await replica.events("rot-one") if event.kind == "step_failed"]

    assert failed.facts["step"] == Step.VERIFY
    return round((failed.at - rotation.asked_at).total_seconds())


async def test_references_that_take_minutes_to_resolve_are_waited_for() -> None:
    world = _late()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(3 * MINUTE)
    waiting = await replica.rotation()

    await _resolve(world)
    await replica.pass_time(2 * MINUTE)

    assert waiting.state is RotationState.RUNNING
    assert waiting.step is Step.VERIFY
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    require_rotated(world, before)
    await require_resolved(world)


async def test_references_that_never_resolve_are_rolled_back_after_five_minutes() -> None:
    world = _late()
    before = world.azure()
    world.when("undo propagate", world.mend)
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert await _failed_after(replica, rotation) == 300
    require_rolled_back(world, before)
    await require_resolved(world)


@pytest.mark.parametrize("status", ["Initialized", "FetchTimedOut", "OtherReasons", None])
async def test_a_temporary_status_is_waited_for(
    status: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = RotationWorld()

    async def answer(app: AppSlot, setting: str) -> ReferenceState | None:
        return ReferenceState(status, None) if status else None

    replica = RotationReplica(world)
    with monkeypatch.context() as patched:
        patched.setattr(world.apps, "reference", answer)
        await replica.rotate()
        await replica.pass_time(3 * MINUTE)
    await replica.pass_time(2 * MINUTE)

    assert (await replica.rotation()).state is RotationState.OVERLAPPING


@pytest.mark.parametrize(
    "status",
    [
        "AccessToKeyVaultDenied",
        "InvalidSyntax",
        "MSINotEnabled",
        "SecretNotFound",
        "UnauthorizedClient",
        "VaultNotFound",
    ],
)
async def test_a_status_that_someone_has_to_fix_is_not_waited_for(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = RotationWorld()
    before = world.azure()

    async def answer(app: AppSlot, setting: str) -> ReferenceState | None:
        return ReferenceState(status, None)

    monkeypatch.setattr(world.apps, "reference", answer)
    replica = RotationReplica(world)

    await replica.rotate()
    await replica.settle()

    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)


async def test_a_reference_whose_version_is_not_said_any_more_is_not_called_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = RotationWorld()
    before = world.azure()

    async def answer(app: AppSlot, setting: str) -> ReferenceState | None:
        return ReferenceState("Resolved", None)

    world.when("perform verify", lambda: monkeypatch.setattr(world.apps, "reference", answer))
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert await _failed_after(replica, rotation) == 300
    assert "App Service doesn't say which version" in words_of(rotation.failure)
    require_rolled_back(world, before)


async def test_a_secret_that_is_being_recovered_is_waited_for() -> None:
    world = RotationWorld()
    before = world.azure()
    recovering = NotYet("Key Vault", "409 ObjectIsBeingRecovered")
    world.versions.faults.order("write", recovering, times=8)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(MINUTE)
    waiting = await replica.rotation()

    await replica.pass_time(3 * MINUTE)

    assert waiting.state is RotationState.RUNNING
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    require_rotated(world, before)


async def test_a_setting_that_does_not_read_back_is_waited_for_less_long() -> None:
    world = RotationWorld()
    world.when("perform verify", world.apps.show_late)
    world.when("undo verify", world.mend)
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert await _failed_after(replica, rotation) < 30


async def test_a_temporary_error_does_not_end_the_wait() -> None:
    world = _late()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(MINUTE)
    world.apps.faults.order("reference", UNAVAILABLE, times=2)

    await replica.pass_time(3 * MINUTE)
    waiting = await replica.rotation()
    await _resolve(world)
    await replica.pass_time(MINUTE)

    assert waiting.state is RotationState.RUNNING
    assert waiting.attempt > 5
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    require_rotated(world, before)


async def test_checks_wait_as_long_as_azure_asks() -> None:
    world = _late()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.settle()
    world.apps.faults.order("reference", THROTTLED)
    await replica.pass_time(SECOND)
    put_off = await replica.rotation()
    until = world.clock() + 89 * SECOND

    assert put_off.retry_at is not None
    assert put_off.retry_at >= until


async def test_an_app_that_restarts_for_a_minute_is_healthy_again() -> None:
    policy = a_rotation_policy(dependents=(replace(LITERAL, health_url=HEALTH), *DEPENDENTS[1:]))
    world = RotationWorld(policy)
    before = world.azure()
    world.health.sick.add(HEALTH)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(MINUTE)

    world.health.sick.clear()
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    require_rotated(world, before)
