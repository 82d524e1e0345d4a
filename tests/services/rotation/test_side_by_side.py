"""Dependents don't wait for each other, rotations that share an app not for long, nor for lists."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.rotation.rotation import AppSlot, Dependent, RotationState
from services.rotation.planner import Planner
from services.rotation.secret_versions import Version
from tests.support.builders import HOUR, MINUTE, VAULT
from tests.support.processes import virtual_time
from tests.support.rotation.builders import BILLING, BY_ADA, ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import Crash

LATENCY_SECONDS = 0.2
PAGE_SECONDS = 0.08
"""How long Key Vault takes for 25 versions in a list."""


def _in_one_app(number: int) -> Dependent:
    return Dependent(BILLING, f"KEY_{number}")


def _in_its_own_app(number: int) -> Dependent:
    app = AppSlot(BILLING.subscription, BILLING.resource_group, f"worker-{number}")
    return Dependent(app, "API_KEY")


def _slowly(answer: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def slow(*given: Any) -> Any:
        await asyncio.sleep(LATENCY_SECONDS)
        return await answer(*given)

    return slow


async def _seconds_to_rotate(dependents: list[Dependent], *, by_reference: bool = False) -> float:
    policy = a_rotation_policy(dependents=tuple(dependents), overlap=MINUTE)
    world = RotationWorld(policy)
    held = f"@Microsoft.KeyVault(SecretUri={world.uri}/)" if by_reference else OLD_VALUE
    for app in {each.app for each in dependents}:
        used = [each.setting for each in dependents if each.app == app]
        world.apps.add(app, dict.fromkeys(used, held))
    for name in ("read", "replace", "reference", "refresh"):
        setattr(world.apps, name, _slowly(getattr(world.apps, name)))
    began = asyncio.get_running_loop().time()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROTATED
    return asyncio.get_running_loop().time() - began


async def _seconds_to_plan(dependents: list[Dependent]) -> float:
    world = RotationWorld(a_rotation_policy(dependents=tuple(dependents)))
    for app in {each.app for each in dependents}:
        used = [each.setting for each in dependents if each.app == app]
        world.apps.add(app, dict.fromkeys(used, f"@Microsoft.KeyVault(SecretUri={world.uri}/)"))
    for name in ("read", "reference"):
        setattr(world.apps, name, _slowly(getattr(world.apps, name)))
    rotations, issuers = RotationReplica(world).rotations, world.issuers(Crash())
    planner = Planner(rotations, world.versions, world.dependents(), issuers, world.clock)
    began = asyncio.get_running_loop().time()

    plan = await planner.plan(ROTATED, BY_ADA, "rot-planned")

    assert not plan.is_blocked
    return asyncio.get_running_loop().time() - began


def test_ten_apps_take_as_long_as_one() -> None:
    one = virtual_time.run(_seconds_to_rotate([_in_its_own_app(0)]))
    ten = virtual_time.run(_seconds_to_rotate([_in_its_own_app(number) for number in range(10)]))

    assert one > LATENCY_SECONDS
    assert ten == one


def test_ten_settings_of_an_app_take_as_long_as_one() -> None:
    one = virtual_time.run(_seconds_to_rotate([_in_one_app(0)]))
    ten = virtual_time.run(_seconds_to_rotate([_in_one_app(number) for number in range(10)]))

    assert ten == one


@pytest.mark.parametrize("place", [_in_one_app, _in_its_own_app])
def test_a_hundred_references_take_as_long_as_one(place: Callable[[int], Dependent]) -> None:
    one = virtual_time.run(_seconds_to_rotate([place(0)], by_reference=True))
    many = [place(number) for number in range(100)]

    assert virtual_time.run(_seconds_to_rotate(many, by_reference=True)) == one


@pytest.mark.parametrize("place", [_in_one_app, _in_its_own_app])
def test_the_plan_of_a_hundred_references_takes_as_long_as_that_of_one(
    place: Callable[[int], Dependent],
) -> None:
    one = virtual_time.run(_seconds_to_plan([place(0)]))

    assert virtual_time.run(_seconds_to_plan([place(number) for number in range(100)])) == one


async def _rotate_all(secrets: list[str]) -> list[RotationState]:
    """Rotate secrets that share an app, all at the same time."""
    settings = {secret: f"KEY_{secret}" for secret in secrets}
    world = RotationWorld(
        *(
            a_rotation_policy(secret=secret, dependents=(Dependent(BILLING, setting),))
            for secret, setting in settings.items()
        )
    )
    world.clock = virtual_time.LoopClock()
    for secret in secrets:
        world.versions.put(VAULT.url, secret, f"canary-{secret}")
    world.apps.add(BILLING, {settings[secret]: f"canary-{secret}" for secret in secrets})
    for name in ("read", "replace"):
        setattr(world.apps, name, _slowly(getattr(world.apps, name)))
    replica = RotationReplica(world)
    working = asyncio.create_task(replica.worker.run())
    await asyncio.gather(*(replica.rotate(f"rot-{secret}", secret=secret) for secret in secrets))
    await asyncio.sleep(HOUR.total_seconds())
    await replica.worker.stop()
    await working
    return [(await replica.rotation(f"rot-{secret}")).state for secret in secrets]


def test_ten_secrets_of_an_app_can_be_rotated_at_the_same_time() -> None:
    states = virtual_time.run(_rotate_all([f"secret-{number}" for number in range(10)]))

    assert states == [RotationState.OVERLAPPING] * 10


async def _state_with(versions: int) -> RotationState:
    """Rotate a secret that has had many versions, and let the overlap end."""
    world = RotationWorld(a_rotation_policy(overlap=HOUR))
    world.clock = virtual_time.LoopClock()
    listed = world.versions.list

    async def list_by_page(*given: str) -> list[Version]:
        found = await listed(*given)
        await asyncio.sleep(PAGE_SECONDS * versions / 25)
        return found

    setattr(world.versions, "list", list_by_page)  # noqa: B010 - mypy knows its signature
    replica = RotationReplica(world)
    working = asyncio.create_task(replica.worker.run())
    await replica.rotate()
    await asyncio.sleep(3 * HOUR.total_seconds())
    await replica.worker.stop()
    await working
    return (await replica.rotation()).state


def test_a_secret_with_a_thousand_versions_is_rotated_and_its_old_version_is_disabled() -> None:
    assert virtual_time.run(_state_with(1000)) is RotationState.ROTATED
