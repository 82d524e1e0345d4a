"""A setting that someone else changes during a rotation: it stops, and their change stays."""

from dataclasses import replace
from functools import partial

import pytest

from cards.reasons.sentences import sentence_in
from domain.rotation.rotation import AppSlot, Dependent, RotationState, Shape, Step
from services.faults import Unavailable
from services.rotation.dependents.app_setting import Settings
from tests.services.rotation.endings import require_resolved, require_rotated
from tests.support.builders import ADA, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
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
from tests.support.tables.crashing_table import When

HEALTH = "https://checkout.example/health"
STRANGERS = "canary-strangers-0f1e2d3c4b5a69788796a5b4c3d2e1f0"
LOST = Unavailable("Azure", "no answer in time")


def _set(world: RotationWorld, dependent: Dependent) -> None:
    world.apps.change(dependent.app, **{dependent.setting: STRANGERS})


def _failing() -> RotationWorld:
    """A world in which a rotation gets as far as verify and fails there."""
    policy = a_rotation_policy(dependents=(replace(LITERAL, health_url=HEALTH), *DEPENDENTS[1:]))
    world = RotationWorld(policy)
    world.health.sick.add(HEALTH)
    return world


async def _undone(replica: RotationReplica, step: Step) -> str:
    """Return the note of a step that was undone."""
    events = await replica.events("rot-one")
    [note] = [
        sentence_in(one, "note")
        for one in events
        if one.kind == "step_undone" and one.facts["step"] == step
    ]
    return note


@pytest.mark.parametrize("moment", ["perform issue", "perform write", "perform propagate"])
@pytest.mark.parametrize("dependent", DEPENDENTS, ids=str)
async def test_a_setting_changed_before_it_is_written_stops_the_rotation_and_stays(
    dependent: Dependent, moment: str
) -> None:
    world = RotationWorld()
    settings = world.azure().settings
    settings[str(dependent.app)][dependent.setting] = STRANGERS
    world.when(moment, partial(_set, world, dependent))
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert f"{dependent} was changed by someone else" in words_of(rotation.failure)
    assert f"left as someone else set them: {dependent}" in await _undone(replica, Step.PROPAGATE)
    assert world.azure().settings == settings
    assert [is_enabled for _, is_enabled in world.azure().versions] == [True, False, True]
    assert world.azure().versions[-1] == (OLD_VALUE, True)


async def test_a_setting_changed_between_both_reads_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = RotationWorld()
    reads = 0
    read = world.apps.read

    async def read_before_it_changes(app: AppSlot) -> Settings:
        nonlocal reads
        found = await read(app)
        reads += app == CHECKOUT
        if reads == 1:
            _set(world, LITERAL)
        return found

    world.when(
        "perform propagate",
        lambda: monkeypatch.setattr(world.apps, "read", read_before_it_changes),
    )

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.held(CHECKOUT, "API_KEY") == STRANGERS
    assert world.held(STAGING, "API_KEY") == OLD_VALUE
    assert world.apps.restarts(CHECKOUT) == 0


async def test_a_removed_setting_is_not_recreated() -> None:
    world = RotationWorld()
    world.when("perform propagate", lambda: world.apps.drop(CHECKOUT, "API_KEY"))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "checkout-api API_KEY was changed by someone else" in words_of(rotation.failure)
    assert "API_KEY" not in world.apps.contents(CHECKOUT)


async def test_a_missing_setting_that_someone_else_creates_is_theirs() -> None:
    missing = Dependent(STAGING, "NEW_KEY", create=True)
    world = RotationWorld(a_rotation_policy(dependents=(missing,)))
    world.when("perform propagate", partial(_set, world, missing))

    rotation = await RotationReplica(world).rotated()

    assert [one.shape for one in rotation.captured] == [Shape.ABSENT]
    assert rotation.state is RotationState.ROLLED_BACK
    assert world.held(STAGING, "NEW_KEY") == STRANGERS


async def test_a_value_written_by_an_earlier_try_counts_as_ours() -> None:
    world = RotationWorld()
    before = world.azure()
    world.apps.faults.order("replace", LOST, when=When.AFTER, times=3)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    require_rotated(world, before)


@pytest.mark.parametrize("moment", ["perform verify", "undo verify", "undo propagate"])
@pytest.mark.parametrize("dependent", DEPENDENTS, ids=str)
async def test_a_setting_changed_after_it_was_written_is_not_restored(
    dependent: Dependent, moment: str
) -> None:
    world = _failing()
    settings = world.azure().settings
    settings[str(dependent.app)][dependent.setting] = STRANGERS
    world.when(moment, partial(_set, world, dependent))
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert f"left as someone else set them: {dependent}" in await _undone(replica, Step.PROPAGATE)
    assert world.azure().settings == settings


async def test_a_setting_of_someone_else_stays_however_often_the_undo_is_tried() -> None:
    world = _failing()
    settings = world.azure().settings
    settings[str(CHECKOUT)]["API_KEY"] = STRANGERS
    world.when("perform verify", partial(_set, world, LITERAL))
    world.when(
        "undo propagate",
        lambda: world.apps.faults.order("replace", LOST, when=When.AFTER, times=2),
    )

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.azure().settings == settings


async def test_a_manual_rotation_in_vault_and_app_survives_a_retry() -> None:
    world = _failing()
    settings = world.azure().settings
    settings[str(CHECKOUT)]["API_KEY"] = STRANGERS

    def rotate_by_hand() -> None:
        world.versions.put(VAULT.url, ROTATED, STRANGERS)
        _set(world, LITERAL)

    world.when("perform verify", rotate_by_hand)
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    await world.versions.disable(VAULT.url, ROTATED, helpless.new_version or "")
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert world.azure().versions[-1] == (STRANGERS, True)
    assert world.azure().settings == settings
    await require_resolved(world)


@pytest.mark.parametrize("dependent", [LITERAL, SLOT, PINNED], ids=str)
async def test_a_dependent_is_restored_although_its_new_value_cannot_be_read(
    dependent: Dependent,
) -> None:
    world = _failing()
    before = world.azure()
    world.when("undo verify", world.disable_newest)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert before.settings[str(dependent.app)] == world.apps.contents(dependent.app)


def _turned(world: RotationWorld, dependent: Dependent, form: str) -> None:
    """Give a setting the newest version in another form, as a deployment may do."""
    reference = f"@Microsoft.KeyVault(SecretUri={world.uri}/"
    forms = {
        "value": world.value(""),
        "pinned": f"{reference}{world.current()})",
        "reference": f"{reference})",
    }
    world.apps.change(dependent.app, **{dependent.setting: forms[form]})


@pytest.mark.parametrize(
    ("dependent", "form"),
    [(LITERAL, "pinned"), (SLOT, "pinned"), (PINNED, "value"), (FLOATING, "value")],
)
async def test_a_setting_that_was_given_the_failed_version_in_another_form_is_put_back(
    dependent: Dependent, form: str
) -> None:
    world = _failing()
    before = world.azure().settings
    world.when("perform verify", partial(_turned, world, dependent, form))
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.azure().settings == before
    assert "left as someone else set them" not in await _undone(replica, Step.PROPAGATE)
    await require_resolved(world)


async def test_a_setting_that_was_turned_into_a_reference_leaves_the_failed_version() -> None:
    world = _failing()
    world.when("perform verify", partial(_turned, world, SLOT, "reference"))
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert f"left as someone else set them: {SLOT}" in await _undone(replica, Step.PROPAGATE)
    active = world.apps.active_version(STAGING, SLOT.setting)
    assert active == rotation.restored_version == world.current()
