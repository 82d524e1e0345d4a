"""Temporary errors are waited out, however many tries it takes; others are final at once."""

from datetime import timedelta

import pytest

from domain.reasons import facts_of_reason
from domain.rotation.rotation import RotationState, Step
from services.faults import Fault, NotPermitted, Rejected
from services.rotation.dependents.kind import AppBusy
from tests.services.rotation.endings import require_rolled_back, require_rotated
from tests.support.builders import HOUR, MINUTE, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import DAY, LITERAL, ROTATED, a_rotation_policy
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld

FORBIDDEN = NotPermitted("Key Vault", "403 ForbiddenByRbac", status=403, code="ForbiddenByRbac")
BUSY = AppBusy(
    "App Service",
    "409 Conflict: the app is busy with another operation",
    outcome_unknown=False,
    status=409,
    code="Conflict",
)
LOCKED = Rejected("App Service", "409 ScopeLocked", status=409, code="ScopeLocked")


def _refusing(fault: Fault) -> RotationWorld:
    """A world that refuses changes of settings."""
    world = RotationWorld()
    faults = world.versions.faults if fault is FORBIDDEN else world.apps.faults
    operation = "read" if fault is FORBIDDEN else "replace"
    world.when("perform propagate", lambda: faults.order(operation, fault, times=FOREVER))
    return world


@pytest.mark.parametrize("fault", [FORBIDDEN, BUSY])
async def test_an_error_of_eight_minutes_is_waited_out_and_not_counted(fault: Fault) -> None:
    world = _refusing(fault)
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(8 * MINUTE)
    waiting = await replica.rotation()

    world.mend()
    await replica.pass_time(5 * MINUTE)

    assert (waiting.state, waiting.step) == (RotationState.RUNNING, Step.PROPAGATE)
    assert waiting.attempt > 5
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    require_rotated(world, before)


@pytest.mark.parametrize("fault", [FORBIDDEN, BUSY])
async def test_an_error_longer_than_ten_minutes_is_rolled_back(fault: Fault) -> None:
    world = _refusing(fault)
    before = world.azure()
    world.when("undo propagate", world.mend)
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    [failed] = [one for one in await replica.events("rot-one") if one.kind == "step_failed"]
    assert rotation.state is RotationState.ROLLED_BACK
    assert failed.at - rotation.asked_at == timedelta(minutes=10)
    assert (failed.facts["status"], failed.facts["code"]) == (fault.status, fault.code)
    require_rolled_back(world, before)


async def test_a_temporary_refusal_says_so_and_until_when_it_is_retried() -> None:
    world = _refusing(FORBIDDEN)
    replica = RotationReplica(world)

    await replica.rotate()
    await replica.pass_time(5 * MINUTE)

    rotation = await replica.rotation()
    [waits] = [one for one in await replica.events("rot-one") if one.kind == "step_waits"]
    assert words_of(rotation.last_failure) == (
        "Key Vault still refuses this: 403 ForbiddenByRbac. "
        "New permissions take a few minutes to take effect"
    )
    assert rotation.patient_until == rotation.asked_at + 10 * MINUTE
    assert rotation.last_failure is not None
    assert waits.facts == {
        "step": "propagate",
        **facts_of_reason(rotation.last_failure, "note"),
        "until": rotation.patient_until.isoformat(),
        "status": 403,
        "code": "ForbiddenByRbac",
    }


async def test_a_lock_on_the_app_is_final_and_its_code_is_in_the_audit_trail() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL,)))
    before = world.azure()
    world.when("perform propagate", lambda: world.apps.faults.order("replace", LOCKED))
    replica = RotationReplica(world)

    await replica.rotate()
    await replica.settle()

    [failed] = [one for one in await replica.events("rot-one") if one.kind == "step_failed"]
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert (failed.facts["status"], failed.facts["code"]) == (409, "ScopeLocked")
    require_rolled_back(world, before)


async def test_a_step_that_changed_nothing_is_not_called_undone() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL,)))
    world.when("perform propagate", lambda: world.apps.faults.order("replace", LOCKED))
    replica = RotationReplica(world)

    await replica.rotate()
    await replica.settle()

    events = await replica.events("rot-one")
    undone = [event.facts["step"] for event in events if event.kind == "step_undone"]
    assert "write" in undone
    assert "propagate" not in undone


async def test_a_temporary_refusal_of_an_undo_is_waited_out_too() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL,)))
    before = world.azure()
    world.when("perform verify", lambda: world.apps.faults.order("read", LOCKED))
    world.when(
        "undo propagate", lambda: world.apps.faults.order("replace", FORBIDDEN, times=FOREVER)
    )
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.pass_time(8 * MINUTE)
    waiting = await replica.rotation()

    world.mend()
    await replica.pass_time(5 * MINUTE)

    assert waiting.state is RotationState.ROLLING_BACK
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)


def _make_anew(world: RotationWorld) -> None:
    """Purge the secret and recreate it, as someone else would."""
    world.versions.forget_all()
    world.versions.put(VAULT.url, ROTATED, "made-anew")


async def test_a_rotation_of_a_secret_recreated_during_the_overlap_ends_and_says_so() -> None:
    world = RotationWorld(a_rotation_policy())
    replica = RotationReplica(world)
    await replica.rotated()
    _make_anew(world)

    await replica.pass_time(DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.ROTATED
    assert rotation.was_made_anew
    assert "deleted and recreated" in words_of(rotation.records[-1].note)
    assert world.azure().versions == (("made-anew", True),)
    assert "rot-one retire" not in world.issuer.calls


@pytest.mark.parametrize("dependents", [(LITERAL,), ()])
async def test_a_roll_back_of_a_recreated_secret_ends_and_removes_nothing(
    dependents: tuple[()],
) -> None:
    world = RotationWorld(a_rotation_policy(dependents=dependents))
    world.when("perform verify", lambda: _make_anew(world))
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert rotation.was_made_anew
    assert world.azure().versions == (("made-anew", True),)
    assert "rot-one withdraw" not in world.issuer.calls


async def test_a_deleted_secret_that_can_be_recovered_does_not_count_as_recreated() -> None:
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL,)))
    replica = RotationReplica(world)
    await replica.rotated()
    world.versions.forget_all()

    await replica.pass_time(DAY + HOUR)

    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN
    assert world.held(LITERAL.app, LITERAL.setting) != OLD_VALUE
