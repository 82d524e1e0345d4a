"""Names of app settings are case-insensitive, and a name that doesn't exist is a mistake."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import Dependent, RotationState
from domain.secrets import SecretValue
from services.rotation.dependents.kind import DependentEntry, held_by
from services.rotation.dependents.names import nearest, spelling_of
from services.rotation.planner import Planner
from tests.services.rotation.endings import require_resolved, require_rolled_back, require_rotated
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    BY_ADA,
    CHECKOUT,
    DAY,
    LITERAL,
    ROTATED,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld
from tests.support.tables.crashing_table import Crash

HEALTH = "https://checkout.example/health"


def _in_other_case() -> tuple[Dependent, ...]:
    return tuple(replace(one, setting=one.setting.title()) for one in DEPENDENTS)


async def test_settings_in_another_case_are_rotated_and_keep_the_apps_spelling() -> None:
    world = RotationWorld(a_rotation_policy(dependents=_in_other_case()))
    before = world.azure()
    replica = RotationReplica(world)

    await replica.rotated()
    await replica.pass_time(DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before, retired=True)
    await require_resolved(world)


async def test_settings_in_another_case_are_restored_in_the_apps_spelling() -> None:
    first, *others = _in_other_case()
    policy = a_rotation_policy(dependents=(replace(first, health_url=HEALTH), *others))
    world = RotationWorld(policy)
    world.health.sick.add(HEALTH)
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)


async def test_a_setting_renamed_to_another_case_meanwhile_is_the_same_setting() -> None:
    world = RotationWorld()

    def rename() -> None:
        value = world.held(CHECKOUT, "API_KEY")
        world.apps.drop(CHECKOUT, "API_KEY")
        world.apps.change(CHECKOUT, Api_Key=value)

    world.when("perform propagate", rename)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert world.held(CHECKOUT, "Api_Key") == world.value("")
    assert "API_KEY" not in world.apps.contents(CHECKOUT)


async def test_a_missing_setting_stops_the_rotation_before_anything_is_written() -> None:
    misspelt = Dependent(STAGING, "API_KYE")
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL, misspelt)))
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert words_of(rotation.failure) == (
        "checkout-api/staging API_KYE doesn't exist in the app (did you mean API_KEY?). "
        "To have it added, set create = true for this dependent in the policy file"
    )
    assert world.azure() == before
    assert world.issuer.calls == []


async def test_a_missing_setting_is_created_if_the_policy_says_so() -> None:
    missing = Dependent(STAGING, "NEW_KEY", create=True)
    world = RotationWorld(a_rotation_policy(dependents=(missing,)))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert world.held(STAGING, "NEW_KEY") == world.value("")


async def test_the_plan_says_that_a_setting_does_not_exist_and_suggests_the_nearest() -> None:
    misspelt = Dependent(BILLING, "upstream_kye")
    world = RotationWorld(a_rotation_policy(dependents=(misspelt,)))
    replica = RotationReplica(world)
    issuers = world.issuers(Crash())
    planner = Planner(replica.rotations, world.versions, world.dependents(), issuers, replica.clock)

    plan = await planner.plan(ROTATED, BY_ADA, "rot-one")

    [planned] = plan.dependents
    assert plan.is_blocked
    assert "doesn't exist in the app (did you mean UPSTREAM_KEY?)" in words_of(planned.fault)


async def test_a_secret_that_cannot_be_read_is_not_blamed_on_its_apps() -> None:
    world = RotationWorld()
    world.disable_newest()
    replica = RotationReplica(world)
    issuers = world.issuers(Crash())
    planner = Planner(replica.rotations, world.versions, world.dependents(), issuers, replica.clock)

    plan = await planner.plan(ROTATED, BY_ADA, "rot-one")

    assert [words_of(fault) for fault in plan.faults] == [
        "The current version can't be read: 403 SecretDisabled"
    ]
    assert [planned.fault for planned in plan.dependents] == [None] * len(DEPENDENTS)


@pytest.mark.parametrize(
    ("name", "expected"), [("API_KYE", "API_KEY"), ("api_key2", "API_KEY"), ("COLOUR", None)]
)
def test_the_nearest_name_is_a_similar_one_if_any(name: str, expected: str | None) -> None:
    assert nearest(name, ["MODE", "API_KEY", "OTHER"]) == expected


def test_of_two_spellings_the_exact_one_wins() -> None:
    settings = {
        "api_key": DependentEntry(SecretValue("first")),
        "API_KEY": DependentEntry(SecretValue("second")),
    }

    assert spelling_of("API_KEY", settings) == "API_KEY"
    assert held_by("Api_Key", settings) == SecretValue("first")
