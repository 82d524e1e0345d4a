"""The plan of a rotation: everything looked up, and nothing touched."""

from datetime import timedelta

import pytest

from domain.refusals.rotations import NotRotatable
from domain.rotation.expiry import ExpiryFrom, PlannedExpiry
from domain.rotation.plan import PlannedDependent, PlannedVersion, RotationPlan
from domain.rotation.rotation import AppSlot, Dependent, Shape
from services.faults import NotPermitted
from services.rotation.planner import Planner
from tests.support.builders import BO, in_directory
from tests.support.clock import NINE
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BY_ADA,
    DAY,
    FLOATING,
    LITERAL,
    PINNED,
    ROTATED,
    SLOT,
    a_rotation_policy,
)
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld
from tests.support.tables.crashing_table import Crash


async def _plan(world: RotationWorld, secret: str = ROTATED) -> RotationPlan:
    replica = RotationReplica(world)
    planner = Planner(
        replica.rotations, world.versions, world.dependents(), world.issuers(Crash()), world.clock
    )
    before, queued = world.azure(), await world.queued()

    plan = await planner.plan(secret, BY_ADA, "rot-planned")

    assert world.azure() == before
    assert world.issuer.calls == []
    assert await world.queued() == queued
    assert await replica.rotations.find("rot-planned") is None
    return plan


async def test_a_plan_shows_the_version_each_dependent_and_the_steps() -> None:
    policy = a_rotation_policy(
        dependents=DEPENDENTS,
        options=(("length", "40"), ("alphabet", "url-safe")),
        max_age=90 * DAY,
        overlap=timedelta(hours=2),
    )
    world = RotationWorld(policy)

    plan = await _plan(world, ROTATED.upper())

    assert not plan.is_blocked
    assert plan.secret == ROTATED
    assert plan.vault_name == "kv-demo"
    assert plan.at == NINE
    assert PlannedVersion(id=world.old, enabled=True, created_at=NINE) == plan.old
    assert plan.issuer == "random (length 40, alphabet url-safe)"
    assert plan.dependents == (
        PlannedDependent(LITERAL, Shape.LITERAL),
        PlannedDependent(PINNED, Shape.PINNED),
        PlannedDependent(SLOT, Shape.LITERAL),
        PlannedDependent(FLOATING, Shape.REFERENCE),
    )
    assert plan.overlap == timedelta(hours=2)
    assert plan.expiry == PlannedExpiry(NINE + 90 * DAY, ExpiryFrom.POLICY)
    assert plan.approvers == ()


async def test_a_plan_says_which_setting_drifted() -> None:
    world = RotationWorld()
    world.apps.change(SLOT.app, API_KEY="drifted")

    plan = await _plan(world)

    faults = {str(one.dependent): one.fault for one in plan.dependents if one.fault}
    assert plan.is_blocked
    assert list(faults) == ["checkout-api/staging API_KEY"]
    assert "a different value" in words_of(faults["checkout-api/staging API_KEY"])


async def test_a_plan_says_which_app_cannot_be_read() -> None:
    gone = Dependent(AppSlot("sub", "rg", "gone"), "API_KEY")
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL, gone)))

    plan = await _plan(world)

    assert plan.is_blocked
    assert plan.dependents[0] == PlannedDependent(LITERAL, Shape.LITERAL)
    assert "ResourceNotFound" in words_of(plan.dependents[1].fault)


async def test_a_plan_says_that_the_secret_cannot_be_read() -> None:
    world = RotationWorld()
    world.versions.faults.order("current", NotPermitted("Key Vault", "403 ForbiddenByRbac"))

    plan = await _plan(world)

    assert plan.is_blocked
    assert plan.old is None
    assert "ForbiddenByRbac" in words_of(plan.faults[0])


async def test_a_plan_says_which_rotation_must_finish_first() -> None:
    world = RotationWorld(a_rotation_policy(second_admin=True))
    await RotationReplica(world).rotate("rot-first")

    plan = await _plan(world)

    assert plan.is_blocked
    assert "rot-first" in words_of(plan.faults[0])


async def test_a_plan_says_who_would_have_to_approve() -> None:
    world = RotationWorld(a_rotation_policy(second_admin=True))

    plan = await _plan(world)

    assert (in_directory(BO),) == plan.approvers


async def test_a_secret_that_is_not_rotated_has_no_plan() -> None:
    with pytest.raises(NotRotatable):
        await _plan(RotationWorld(), "root-password")
