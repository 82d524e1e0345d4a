"""Obstacles to a rotation: the plan names them, and they stop it before any write."""

from typing import Any

import pytest

from domain.rotation.plan import RotationPlan
from domain.rotation.rotation import RotationState
from domain.rotation.secret_parts import Part, PartKind
from services.faults import NotPermitted
from services.rotation.planner import Planner
from services.rotation.secret_versions import CREDENTIAL_TAG, ROLE_TAG, ROTATION_TAG
from tests.support.builders import VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import BY_ADA, ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import Crash

JSON = '{"user": "app", "password": "canary-old"}'
CONNECTION = "Server=db;User ID=sa;Password=canary-old"


def _tags(count: int, *ours: str) -> dict[str, str]:
    return {f"tag-{number}": "x" for number in range(count)} | dict.fromkeys(ours, "x")


def _world(value: str = OLD_VALUE, part: Part | None = None, **version: Any) -> RotationWorld:
    world = RotationWorld(a_rotation_policy(part=part))
    world.versions.put(VAULT.url, ROTATED, value, **version)
    return world


async def _plan(world: RotationWorld) -> RotationPlan:
    rotations, issuers = RotationReplica(world).rotations, world.issuers(Crash())
    planner = Planner(rotations, world.versions, world.dependents(), issuers, world.clock)
    return await planner.plan(ROTATED, BY_ADA, "rot-planned")


async def _require_stopped(world: RotationWorld, expected: str) -> None:
    """Require that the plan says why, and that the rotation stops before any write."""
    plan, before = await _plan(world), world.azure()
    rotation = await RotationReplica(world).rotated()

    assert plan.is_blocked
    assert expected in words_of(plan.faults[0])
    assert rotation.state is RotationState.ROLLED_BACK
    assert expected in words_of(rotation.failure)
    assert "canary" not in f"{plan} {rotation}"
    assert world.azure() == before
    assert world.issuer.calls == []


@pytest.mark.parametrize(
    ("tags", "remove"),
    [
        (_tags(14), 1),
        (_tags(15), 2),
        (_tags(14, ROTATION_TAG), 1),
        (_tags(13, ROTATION_TAG, CREDENTIAL_TAG), 1),
    ],
)
async def test_too_many_tags_stop_it(tags: dict[str, str], remove: int) -> None:
    await _require_stopped(_world(tags=tags), f"Key Vault takes 15 in all, so remove {remove}")


@pytest.mark.parametrize(
    "tags", [_tags(13), _tags(13, ROTATION_TAG, ROLE_TAG), _tags(12, CREDENTIAL_TAG)]
)
async def test_as_many_tags_as_fit_are_rotated_and_restored(
    tags: dict[str, str],
) -> None:
    world, undone = _world(tags=tags), _world(tags=tags)
    undone.when("perform propagate", undone.disable_newest)

    rotation = await RotationReplica(world).rotated()
    rolled_back = await RotationReplica(undone).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert rolled_back.state is RotationState.ROLLED_BACK
    assert undone.value("") == OLD_VALUE


async def test_a_secret_that_backs_a_certificate_is_not_rotated() -> None:
    await _require_stopped(_world(managed=True), "renew the certificate instead")


async def test_a_deleted_secret_has_to_be_recovered_first() -> None:
    world = _world()
    world.versions.delete(VAULT.url, ROTATED)

    await _require_stopped(world, f"az keyvault secret recover --vault-name {VAULT.name}")

    world.versions.recover(VAULT.url, ROTATED)
    assert (await RotationReplica(world).rotated("rot-two")).state is RotationState.OVERLAPPING


async def test_a_plan_without_access_to_deleted_secrets_says_what_it_knows() -> None:
    world = _world()
    world.versions.delete(VAULT.url, ROTATED)
    world.versions.faults.order("is_deleted", NotPermitted("fake", "403"))

    plan = await _plan(world)

    assert [words_of(fault) for fault in plan.faults] == [
        "The current version can't be read: 404 SecretNotFound"
    ]


@pytest.mark.parametrize(
    ("value", "content_type", "expected"),
    [
        (JSON, None, 'name the part to rotate in the policy, with field = "/…"'),
        (
            "anything",
            "application/json",
            "holds JSON, which a new value would overwrite",
        ),
        (CONNECTION, "text/plain", 'with key = "…"'),
        ("MIIK", "application/x-pkcs12", "holds a PFX file, which a new value"),
        ("-----BEGIN PRIVATE KEY-----", None, "holds a PEM file"),
    ],
)
async def test_a_value_with_a_structure_is_not_replaced_by_a_random_one(
    value: str, content_type: str | None, expected: str
) -> None:
    await _require_stopped(_world(value, content_type=content_type), expected)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (JSON, Part(PartKind.FIELD, "/pass")),
        (CONNECTION, Part(PartKind.FIELD, "/password")),
        (CONNECTION, Part(PartKind.KEY, "Pwd")),
        (OLD_VALUE, Part(PartKind.KEY, "Password")),
    ],
)
async def test_a_missing_part_stops_it(value: str, part: Part) -> None:
    await _require_stopped(_world(value, part), f"has no text at its {part}, or more than one")
