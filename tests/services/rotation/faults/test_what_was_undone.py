"""What a rollback is said to have undone: every change, whoever changed the same app since."""

from cards.kit.sentences import plain_text
from cards.rotation.end_state import describe_end_state
from domain.rotation.rotation import (
    AppSlot,
    Dependent,
    Rotation,
    RotationState,
    Step,
    StepStatus,
)
from services.faults import Unavailable
from services.rotation.dependents.app_setting import Settings
from tests.support.builders import HOUR, SECRET, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    CHECKOUT,
    FLOATING,
    LITERAL,
    ROTATED,
    SLOT,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld

AS_BEFORE = "Every dependent is as it was."


def _refusing_staging(world: RotationWorld) -> None:
    """Let one app refuse every change, so that a rotation is rolled back in time."""
    replace = world.apps.replace

    async def refuse(app: AppSlot, settings: Settings) -> None:
        if app == STAGING:
            raise Unavailable("App Service", "503", outcome_unknown=False)
        await replace(app, settings)

    world.apps.replace = refuse  # type: ignore[method-assign]


def _propagated(rotation: Rotation) -> tuple[StepStatus, str]:
    record = rotation.record_of(Step.PROPAGATE)
    assert record
    return record.status, words_of(record.note)


async def test_an_app_that_another_rotation_changed_since_is_named_as_put_back() -> None:
    other = a_rotation_policy(secret=SECRET, dependents=(Dependent(CHECKOUT, "OTHER"),))
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL, SLOT)), other)
    world.versions.put(VAULT.url, SECRET, "other-1")
    _refusing_staging(world)
    replica = RotationReplica(world)
    await replica.rotate("rot-one", secret=ROTATED)
    await replica.settle()
    in_between = world.held(CHECKOUT, "API_KEY")
    await replica.rotate("rot-two", secret=SECRET)
    await replica.settle()
    await replica.pass_time(HOUR)

    rotation = await replica.rotation("rot-one")
    undone = [one.facts["step"] for one in await replica.events("rot-one") if "undone" in one.kind]

    assert in_between != OLD_VALUE
    assert (await replica.rotation("rot-two")).state is RotationState.OVERLAPPING
    assert rotation.state is RotationState.ROLLED_BACK
    assert world.held(CHECKOUT, "API_KEY") == OLD_VALUE
    assert "propagate" in undone
    assert _propagated(rotation)[0] is StepStatus.UNDONE
    assert AS_BEFORE in plain_text(describe_end_state(rotation))


async def test_a_reference_that_may_have_used_the_new_version_is_said_to_be_as_before() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(FLOATING, SLOT)))
    _refusing_staging(world)

    rotation = await RotationReplica(world).rotated()
    status, note = _propagated(rotation)

    assert rotation.state is RotationState.ROLLED_BACK
    assert status is StepStatus.UNDONE
    assert str(FLOATING) in note
    assert AS_BEFORE in plain_text(describe_end_state(rotation))


async def test_a_rotation_that_no_app_was_changed_by_says_so() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(SLOT,)))
    _refusing_staging(world)

    rotation = await RotationReplica(world).rotated()

    assert _propagated(rotation)[0] is StepStatus.FAILED
    assert "It changed no dependent." in plain_text(describe_end_state(rotation))


async def test_a_reference_that_found_a_version_which_failed_to_show_is_named() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(FLOATING,)))
    world.when("perform write", world.versions.show_late)
    world.when("undo write", world.mend)

    rotation = await RotationReplica(world).rotated()
    record = rotation.record_of(Step.WRITE)

    assert rotation.state is RotationState.ROLLED_BACK
    assert record
    assert str(FLOATING) in words_of(record.note)
    said = plain_text(describe_end_state(rotation))
    assert "It changed no setting, and no reference uses the failed version." in said
