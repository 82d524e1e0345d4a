"""A move lists a secret's versions once: each 25 of them take a call, and a move has seconds."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import RotationState
from domain.secrets import SecretValue
from services.rotation.secret_versions import Version
from services.rotation.versions.listed_once import ListedOnce
from tests.services.rotation.endings import require_rolled_back, require_rotated
from tests.support.builders import SECOND, VAULT
from tests.support.rotation.builders import DAY, LITERAL, ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld

HEALTH = "https://checkout.example/health"
ANOTHER = Version(id="", enabled=True, created_at=None)


def _counted(world: RotationWorld, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the secrets whose versions are listed from now on."""
    listings: list[str] = []
    listed = world.versions.list

    async def count(vault_url: str, name: str) -> list[Version]:
        listings.append(name)
        return await listed(vault_url, name)

    monkeypatch.setattr(world.versions, "list", count)
    return listings


async def test_the_old_version_is_retired_after_one_listing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = RotationWorld()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.settle()
    await replica.pass_time(DAY - SECOND)
    listings = _counted(world, monkeypatch)

    await replica.pass_time(SECOND)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert len(listings) == 1
    require_rotated(world, before, retired=True)


async def test_the_old_value_is_restored_after_one_listing_and_read_back_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = RotationWorld(a_rotation_policy(dependents=(replace(LITERAL, health_url=HEALTH),)))
    before = world.azure()
    world.health.sick.add(HEALTH)
    listings = _counted(world, monkeypatch)
    in_the_move: list[int] = []
    world.when("undo propagate", listings.clear)
    world.when("undo write", lambda: in_the_move.append(len(listings)))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert in_the_move == [2]
    require_rolled_back(world, before)


async def test_what_was_changed_is_listed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = RotationWorld()
    listings = _counted(world, monkeypatch)
    versions = ListedOnce(world.versions)
    [old] = await versions.list(VAULT.url, ROTATED)

    made = await versions.write(VAULT.url, ROTATED, SecretValue("another"), ANOTHER)
    after_the_write = await versions.list(VAULT.url, ROTATED)
    await versions.disable(VAULT.url, ROTATED, old.id)
    await versions.list(VAULT.url, ROTATED)
    in_the_end = await versions.list(VAULT.url, ROTATED)

    assert {one.id for one in after_the_write} == {old.id, made}
    assert {one.id for one in in_the_end if one.enabled} == {made}
    assert len(listings) == 3
