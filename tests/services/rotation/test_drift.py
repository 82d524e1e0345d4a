"""Changes by someone else: noticed before anything is written, and never overwritten."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from domain.rotation.rotation import AppSlot, Dependent, RotationState, Shape
from services.rotation.dependents.app_setting import Settings
from tests.services.rotation.endings import require_rolled_back
from tests.support.builders import ADA, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    FLOATING,
    LITERAL,
    PINNED,
    ROTATED,
    SLOT,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, OLD_VALUE, RotationWorld

STRANGERS = "canary-strangers-0f1e2d3c4b5a69788796a5b4c3d2e1f0"
HEALTH = "https://checkout.example/health"


def _reference(uri: str) -> str:
    return f"@Microsoft.KeyVault(SecretUri={uri})"


@pytest.mark.parametrize(
    ("dependent", "held", "says"),
    [
        (LITERAL, "another value", "checkout-api API_KEY holds a different value"),
        (LITERAL, "", "checkout-api API_KEY holds a different value"),
        (SLOT, f"{OLD_VALUE} ", "checkout-api/staging API_KEY holds a different value"),
        (PINNED, "@Microsoft.KeyVault(x=y)", "billing-worker UPSTREAM_KEY holds a different value"),
        (
            PINNED,
            _reference(f"{VAULT.url}/secrets/{ROTATED}/{'0' * 32}"),
            "billing-worker UPSTREAM_KEY is pinned to a version that can't be read or holds",
        ),
        (
            FLOATING,
            _reference(f"{VAULT.url}/secrets/other-key/"),
            "billing-worker FLOATING_KEY references a different secret",
        ),
        (
            FLOATING,
            _reference(f"https://kv-other.vault.azure.net/secrets/{ROTATED}/"),
            "billing-worker FLOATING_KEY references a different secret",
        ),
    ],
)
async def test_a_setting_that_drifted_stops_the_rotation_before_anything_is_written(
    dependent: Dependent, held: str, says: str
) -> None:
    world = RotationWorld()
    world.apps.change(dependent.app, **{dependent.setting: held})
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert says in words_of(rotation.failure)
    assert world.azure() == before
    assert [world.apps.restarts(app) for app in (CHECKOUT, BILLING, STAGING)] == [0, 0, 0]
    assert world.issuer.calls == []


async def test_a_dependent_that_is_not_an_app_stops_the_rotation() -> None:
    gone = Dependent(AppSlot("sub", "rg", "gone"), "API_KEY")
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL, gone)))
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.azure() == before


async def test_a_missing_setting_is_created_and_removed_on_undo() -> None:
    missing = Dependent(STAGING, "NEW_KEY", create=True)
    well = RotationWorld(a_rotation_policy(dependents=(missing,)))
    sick = RotationWorld(a_rotation_policy(dependents=(replace(missing, health_url=HEALTH),)))
    sick.health.sick.add(HEALTH)
    before = sick.azure()

    made = await RotationReplica(well).rotated()
    await RotationReplica(sick).rotated()

    assert [captured.shape for captured in made.captured] == [Shape.ABSENT]
    assert well.held(STAGING, "NEW_KEY") == well.value("")
    require_rolled_back(sick, before)


def _write(world: RotationWorld) -> Callable[[], None]:
    return lambda: _ignore(world.versions.put(VAULT.url, ROTATED, STRANGERS))


def _ignore(_: str) -> None:
    """Return nothing, as a hook has to."""


@pytest.mark.parametrize("step", ["perform issue", "perform write"])
async def test_a_version_written_by_someone_else_after_the_capture_is_not_overwritten(
    step: str,
) -> None:
    world = RotationWorld()
    settings = world.azure().settings
    world.when(step, _write(world))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.azure().versions == ((OLD_VALUE, True), (STRANGERS, True))
    assert world.azure().settings == settings


def _failing() -> RotationWorld:
    """A world in which a rotation gets as far as verify and fails there."""
    policy = a_rotation_policy(dependents=(replace(LITERAL, health_url=HEALTH), *DEPENDENTS[1:]))
    world = RotationWorld(policy)
    world.health.sick.add(HEALTH)
    return world


@pytest.mark.parametrize("step", ["perform propagate", "perform verify", "undo propagate"])
async def test_a_newer_version_by_someone_else_stays_and_needs_a_human(step: str) -> None:
    world = _failing()
    world.when(step, _write(world))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.NEEDS_HUMAN
    assert world.current() in words_of(rotation.records[-1].note)
    assert [is_enabled for _, is_enabled in world.azure().versions] == [True, True, True]
    assert world.azure().versions[-1] == (STRANGERS, True)


async def test_a_newer_version_by_someone_else_is_noticed_without_dependents_too() -> None:
    world = RotationWorld(a_rotation_policy())
    world.when("perform verify", _write(world))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "the new version isn't the current one" in words_of(rotation.failure)
    assert world.azure().versions[-1] == (STRANGERS, True)


async def test_an_admin_can_restore_the_old_value_and_retry() -> None:
    world = _failing()
    before = world.azure()
    world.when("undo propagate", _write(world))
    replica = RotationReplica(world)
    await replica.rotated()

    world.versions.put(VAULT.url, ROTATED, OLD_VALUE)
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    (_, (_, is_bad_enabled), (_, is_strangers_enabled), last) = world.azure().versions
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert (is_bad_enabled, is_strangers_enabled) == (False, True)
    assert last == (OLD_VALUE, True)
    assert world.azure().settings == before.settings


async def test_an_admin_can_keep_someone_elses_version_and_retry() -> None:
    world = _failing()
    before = world.azure()
    world.when("undo propagate", _write(world))
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    await world.versions.disable(VAULT.url, ROTATED, helpless.new_version or "")
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert [is_enabled for _, is_enabled in world.azure().versions] == [True, False, True]
    assert world.azure().versions[-1] == (STRANGERS, True)
    assert world.azure().settings == before.settings


async def test_a_bad_version_that_someone_disabled_is_still_rolled_back() -> None:
    world = _failing()
    before = world.azure()

    world.when("undo verify", world.disable_newest)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)


async def test_a_change_to_another_setting_is_kept() -> None:
    world = _failing()
    before = world.azure()
    for step in ("perform propagate", "perform verify", "undo propagate"):
        change = {f"BY_HAND_{step.upper().replace(' ', '_')}": "later"}
        world.when(step, partial(world.apps.change, CHECKOUT, **change))

    await RotationReplica(world).rotated()

    added = {
        "BY_HAND_PERFORM_PROPAGATE": "later",
        "BY_HAND_PERFORM_VERIFY": "later",
        "BY_HAND_UNDO_PROPAGATE": "later",
    }
    assert world.azure().settings["checkout-api"] == before.settings["checkout-api"] | added


async def test_a_change_between_write_and_read_back_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = RotationWorld()
    before = world.azure()
    replace_settings = world.apps.replace

    async def replace_and_change(app: AppSlot, settings: Settings) -> None:
        await replace_settings(app, settings)
        world.apps.change(CHECKOUT, MODE="test")

    monkeypatch.setattr(world.apps, "replace", replace_and_change)

    rotation = await RotationReplica(world).rotated()

    changed = {"API_KEY": world.value(""), "MODE": "test"}
    assert rotation.state is RotationState.OVERLAPPING
    assert world.azure().settings["checkout-api"] == before.settings["checkout-api"] | changed
