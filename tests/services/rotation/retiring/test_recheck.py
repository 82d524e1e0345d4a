"""Dependents are read again before anything is retired, whoever disabled the old version."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import Dependent, Rotation, RotationState
from services.faults import NotPermitted, Unavailable
from tests.services.rotation.endings import require_rotated
from tests.services.rotation.test_overlap import SlotWorld
from tests.support.builders import ADA, HOUR, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    DAY,
    FLOATING,
    LITERAL,
    PINNED,
    ROTATED,
    SLOT,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld


class KeyWorld(SlotWorld):
    """A world in which an app uses a storage account's key, at first ``key1``."""

    def __init__(self) -> None:
        super().__init__()
        self.apps.change(CHECKOUT, API_KEY=self.key("key1"))
        policy = self.policies.rotation_of(ROTATED) or a_rotation_policy()
        self.rotate_by(replace(policy, dependents=(LITERAL,)))

    def keys_now(self) -> tuple[str, str]:
        return self.key("key1"), self.key("key2")


async def _disabled_by_hand(world: RotationWorld) -> RotationReplica:
    """Rotate, and disable the old version during the overlap."""
    replica = RotationReplica(world)
    old = world.current()
    assert (await replica.rotated()).state is RotationState.OVERLAPPING
    await world.versions.disable(VAULT.url, ROTATED, old)
    return replica


def _said(rotation: Rotation) -> str:
    return words_of(rotation.records[-1].note)


async def test_a_key_that_an_app_holds_again_stays_valid_if_a_person_disabled_its_version() -> None:
    world = KeyWorld()
    old_key = world.key("key1")
    replica = await _disabled_by_hand(world)
    world.apps.change(CHECKOUT, API_KEY=old_key)
    keys = world.keys_now()

    await replica.pass_time(2 * DAY)
    helpless, kept = await replica.rotation(), world.keys_now()
    world.apps.change(CHECKOUT, API_KEY=world.value(""))
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert "checkout-api API_KEY doesn't hold the new version" in _said(helpless)
    assert keys == kept
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.key("key1") != old_key


async def test_a_setting_that_vanished_is_not_added_if_the_old_version_is_disabled() -> None:
    world = KeyWorld()
    replica = await _disabled_by_hand(world)
    world.apps.drop(CHECKOUT, "API_KEY")

    await replica.pass_time(2 * DAY)

    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN
    assert "API_KEY" not in world.apps.contents(CHECKOUT)


async def test_a_reference_to_a_version_that_a_person_disabled_is_brought_to_the_new_one() -> None:
    world = RotationWorld()
    before = world.azure()
    replica = await _disabled_by_hand(world)
    world.apps.change(BILLING, UPSTREAM_KEY=before.settings["billing-worker"]["UPSTREAM_KEY"])

    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.ROTATED
    assert f"updated again: {PINNED}" in _said(rotation)
    require_rotated(world, before, retired=True)


async def test_a_person_who_disables_the_old_version_early_has_nothing_more_to_do() -> None:
    world = RotationWorld()
    before = world.azure()
    replica = await _disabled_by_hand(world)

    await replica.pass_time(DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before, retired=True)


async def test_apps_are_read_again_when_only_the_credential_is_left_to_retire() -> None:
    world = KeyWorld()
    old_key = world.key("key1")
    replica = RotationReplica(world)
    await replica.rotated()
    refused = Unavailable("Azure", "503", outcome_unknown=False)
    world.keys.faults.order("regenerate", refused, times=FOREVER)
    await replica.pass_time(DAY + HOUR)
    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN

    world.apps.change(CHECKOUT, API_KEY=old_key)
    world.keys.faults.clear()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN
    assert world.key("key1") == old_key


async def test_a_retry_for_missing_permission_does_not_waive_an_app_that_changed_meanwhile() -> (
    None
):
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL,)))
    replica = RotationReplica(world)
    await replica.rotated()
    forbidden = NotPermitted("Key Vault", "403 ForbiddenByRbac", status=403)
    world.versions.faults.order("disable", forbidden, times=FOREVER)
    await replica.pass_time(2 * DAY)
    helpless = await replica.rotation()

    world.apps.change(CHECKOUT, API_KEY=f"@Microsoft.KeyVault(SecretUri={world.uri}/{world.old})")
    world.mend()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()
    await replica.pass_time(HOUR)

    again = await replica.rotation()
    assert "ForbiddenByRbac" in _said(helpless)
    assert again.state is RotationState.NEEDS_HUMAN
    assert "checkout-api API_KEY doesn't hold the new version" in _said(again)
    assert world.version(world.old).enabled


async def test_one_retry_is_enough_for_all_settings_that_the_card_names() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.apps.change(CHECKOUT, API_KEY="theirs")
    world.apps.change(STAGING, API_KEY="theirs")
    await replica.pass_time(2 * DAY)
    helpless = await replica.rotation()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert f"{LITERAL} doesn't hold the new version" in _said(helpless)
    assert f"{SLOT} doesn't hold the new version" in _said(helpless)
    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_an_app_that_changes_after_the_retry_is_asked_about_again() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.apps.change(CHECKOUT, API_KEY="theirs")
    await replica.pass_time(2 * DAY)

    world.apps.change(STAGING, API_KEY="theirs")
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()
    await replica.pass_time(HOUR)
    again = await replica.rotation()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert again.state is RotationState.NEEDS_HUMAN
    assert f"{SLOT} doesn't hold the new version" in _said(again)
    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_a_retry_for_one_version_by_someone_else_does_not_waive_the_next_one() -> None:
    world = RotationWorld(a_rotation_policy())
    replica = RotationReplica(world)
    await replica.rotated()
    world.versions.put(VAULT.url, ROTATED, "theirs")
    await replica.pass_time(2 * DAY)

    later = world.versions.put(VAULT.url, ROTATED, "theirs too")
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()
    await replica.pass_time(HOUR)

    again = await replica.rotation()
    assert again.state is RotationState.NEEDS_HUMAN
    assert later in _said(again)
    assert world.version(world.old).enabled


async def test_a_secret_whose_current_version_was_disabled_on_purpose_needs_a_retry() -> None:
    world = RotationWorld(a_rotation_policy())
    replica = RotationReplica(world)
    await replica.rotated()
    world.disable_newest()
    await replica.pass_time(2 * DAY)
    helpless = await replica.rotation()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert "if it was disabled on purpose, retry" in _said(helpless)
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert "the secret has no current version" in _said(await replica.rotation())


@pytest.mark.parametrize("version", ["", "the new one"])
@pytest.mark.parametrize("dependent", [LITERAL, PINNED], ids=str)
async def test_a_dependent_that_was_turned_into_a_reference_has_the_current_value(
    dependent: Dependent, version: str
) -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    rotation = await replica.rotated()
    pinned_to = rotation.new_version if version else ""
    reference = f"@Microsoft.KeyVault(SecretUri={world.uri}/{pinned_to})"
    world.apps.change(dependent.app, **{dependent.setting: reference})
    if not version:
        world.apps.stand_for(dependent.app, dependent.setting, world.old)

    await replica.pass_time(2 * DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.held(dependent.app, dependent.setting) == reference
    active = world.apps.active_version(dependent.app, dependent.setting)
    assert active == rotation.new_version


@pytest.mark.parametrize("to", ["app-api-key/{old}", "another-secret"])
async def test_a_reference_to_the_old_version_or_to_another_secret_is_not_the_current_value(
    to: str,
) -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    target = f"{VAULT.url}/secrets/{to.format(old=world.old)}"
    world.apps.change(CHECKOUT, API_KEY=f"@Microsoft.KeyVault(SecretUri={target})")

    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "checkout-api API_KEY doesn't hold the new version" in _said(rotation)
    assert world.version(world.old).enabled


@pytest.mark.parametrize("dependent", [FLOATING, PINNED], ids=str)
async def test_a_reference_that_was_turned_into_the_current_value_has_it(
    dependent: Dependent,
) -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    value = world.value("")
    world.apps.change(dependent.app, **{dependent.setting: value})

    await replica.pass_time(2 * DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.held(dependent.app, dependent.setting) == value
    assert not world.version(world.old).enabled


async def test_a_reference_that_was_turned_into_the_old_value_does_not() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.apps.change(FLOATING.app, **{FLOATING.setting: OLD_VALUE})

    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert f"{FLOATING} doesn't hold the new version" in _said(rotation)
    assert world.version(world.old).enabled
