"""Failures in each step, temporary and lasting, and what vault and apps look like afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from domain.rotation.rotation import AppSlot, RotationState
from domain.secrets import SecretValue
from services.faults import Fault, NotPermitted, Rejected, Unavailable
from services.rotation.dependents.app_setting import Settings
from services.rotation.dependents.kind import ReferenceState
from services.rotation.secret_versions import Version
from tests.services.rotation.endings import require_resolved, require_rolled_back, require_rotated
from tests.support.builders import ADA, HOUR, SECOND
from tests.support.fault_queue import FaultQueue
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    DAY,
    LITERAL,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import APPS, DEPENDENTS, RotationWorld
from tests.support.tables.crashing_table import When

PORTS: dict[str, Callable[[RotationWorld], FaultQueue]] = {
    "vault": lambda world: world.versions.faults,
    "apps": lambda world: world.apps.faults,
    "issuer": lambda world: world.issuer.faults,
    "health": lambda world: world.health.faults,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something fails: an operation of a port, from the start of a step on."""

    step: str
    port: str
    operation: str

    def __str__(self) -> str:
        return f"{self.step}: {self.port} {self.operation}"

    def order(self, world: RotationWorld, fault: Exception, when: When, times: int) -> None:
        queue = PORTS[self.port](world)
        world.when(self.step, lambda: queue.order(self.operation, fault, when=when, times=times))


def _places(step: str, **operations: str) -> list[Place]:
    return [
        Place(step, port, operation)
        for port, names in operations.items()
        for operation in names.split()
    ]


FORWARD = [
    *_places("perform capture", vault="current", apps="read"),
    *_places("perform issue", vault="read", issuer="prepare"),
    *_places("perform write", vault="list current write", issuer="issue"),
    *_places("perform propagate", vault="read", apps="read replace refresh"),
    *_places("perform verify", vault="current read", apps="read reference", health="is_well"),
]
BACK = [
    *_places("undo propagate", vault="list current read write", apps="read replace refresh"),
    *_places("undo write", vault="list disable"),
    *_places("undo issue", issuer="withdraw"),
]
RETIRE = [*_places("perform retire", vault="disable", issuer="retire")]

UNAVAILABLE = Unavailable("Azure", "503")
THROTTLED = Unavailable("Azure", "429", 90 * SECOND)
FORBIDDEN = NotPermitted("Azure", "403 ForbiddenByRbac")
REJECTED = Rejected("Azure", "400")
FIREWALL = NotPermitted("Azure", "403 ForbiddenByFirewall", status=403, code="ForbiddenByFirewall")
WRONG_PASSWORD = NotPermitted("Azure", "401", status=401)
TIMED_OUT = Unavailable("Azure", "no answer in time")

PASSING = [
    pytest.param(UNAVAILABLE, When.BEFORE, id="error"),
    pytest.param(TIMED_OUT, When.AFTER, id="time-out after the effect"),
    pytest.param(THROTTLED, When.BEFORE, id="429"),
]
LASTING = [
    pytest.param(UNAVAILABLE, id="error"),
    pytest.param(THROTTLED, id="429"),
    pytest.param(FORBIDDEN, id="403"),
    pytest.param(REJECTED, id="400"),
]


def _healthy() -> RotationWorld:
    """A world in which an app has a health check."""
    checked = replace(LITERAL, health_url="https://checkout.example/health")
    others = tuple(one for one in DEPENDENTS if one is not LITERAL)
    return RotationWorld(a_rotation_policy(dependents=(checked, *others)))


def _sick() -> RotationWorld:
    """A world in which an app is unhealthy with the new value."""
    world = _healthy()
    world.health.sick.add("https://checkout.example/health")
    return world


@pytest.mark.parametrize(("fault", "when"), PASSING)
@pytest.mark.parametrize("place", FORWARD, ids=str)
async def test_a_temporary_error_is_retried(place: Place, fault: Fault, when: When) -> None:
    world = _healthy()
    before = world.azure()
    place.order(world, fault, when, times=1)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    require_rotated(world, before)
    await require_resolved(world)


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("place", FORWARD, ids=str)
async def test_a_lasting_error_is_rolled_back(place: Place, fault: Fault) -> None:
    world = _healthy()
    before = world.azure()
    place.order(world, fault, When.BEFORE, FOREVER)
    for step in ("capture", "issue", "write", "propagate", "verify"):
        world.when(f"undo {step}", world.mend)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert fault.cause in words_of(rotation.failure)
    require_rolled_back(world, before)
    await require_resolved(world)


@pytest.mark.parametrize("place", FORWARD, ids=str)
async def test_an_effect_without_an_answer_is_found_or_rolled_back(place: Place) -> None:
    world = _healthy()
    before = world.azure()
    place.order(world, TIMED_OUT, When.AFTER, FOREVER)
    for step in ("capture", "issue", "write", "propagate", "verify"):
        world.when(f"undo {step}", world.mend)

    rotation = await RotationReplica(world).rotated()

    if place.operation in {"write", "replace"}:
        assert rotation.state is RotationState.OVERLAPPING
        require_rotated(world, before)
    else:
        assert rotation.state is RotationState.ROLLED_BACK
        require_rolled_back(world, before)


@pytest.mark.parametrize(("fault", "when"), PASSING)
@pytest.mark.parametrize("place", BACK, ids=str)
async def test_an_undo_that_fails_temporarily_is_retried(
    place: Place, fault: Fault, when: When
) -> None:
    world = _sick()
    before = world.azure()
    place.order(world, fault, when, times=1)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("place", BACK, ids=str)
async def test_an_undo_that_keeps_failing_needs_a_human_who_retries_it(
    place: Place, fault: Fault
) -> None:
    world = _sick()
    before = world.azure()
    place.order(world, fault, When.BEFORE, FOREVER)
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    world.mend()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    rotation = await replica.rotation()
    assert helpless.state is RotationState.NEEDS_HUMAN
    assert rotation.state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)
    await require_resolved(world)


@pytest.mark.parametrize(("fault", "when"), PASSING)
@pytest.mark.parametrize("place", RETIRE, ids=str)
async def test_a_retirement_that_fails_temporarily_is_retried(
    place: Place, fault: Fault, when: When
) -> None:
    world = _healthy()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotated()
    PORTS[place.port](world).order(place.operation, fault, when=when)

    await replica.pass_time(DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before, retired=True)


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("place", RETIRE, ids=str)
async def test_a_retirement_that_keeps_failing_needs_a_human_who_retries_it(
    place: Place, fault: Fault
) -> None:
    world = _healthy()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotated()
    PORTS[place.port](world).order(place.operation, fault, times=FOREVER)
    await replica.pass_time(DAY + HOUR)
    helpless = await replica.rotation()

    world.mend()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before, retired=True)


@pytest.mark.parametrize("step", ["perform write", "perform verify"])
async def test_a_vault_that_answers_late_is_waited_for(step: str) -> None:
    world = _healthy()
    before = world.azure()
    world.when(step, lambda: world.versions.show_late(2))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    require_rotated(world, before)


@pytest.mark.parametrize("step", ["perform propagate", "perform verify"])
async def test_an_app_that_answers_late_is_waited_for(step: str) -> None:
    world = _healthy()
    before = world.azure()
    world.when(step, lambda: world.apps.show_late(4))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    require_rotated(world, before)


@pytest.mark.parametrize("step", ["perform write", "perform verify"])
async def test_a_vault_that_never_shows_the_new_version_is_rolled_back(step: str) -> None:
    world = _healthy()
    before = world.azure()
    world.when(step, world.versions.show_late)
    for undo in ("undo write", "undo verify"):
        world.when(undo, world.mend)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)


async def test_an_app_that_never_shows_the_new_setting_is_rolled_back() -> None:
    world = _healthy()
    before = world.azure()
    world.when("perform verify", world.apps.show_late)
    world.when("undo verify", world.mend)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "doesn't read back as written" in words_of(rotation.failure)
    require_rolled_back(world, before)


async def test_references_that_are_not_re_resolved_are_rolled_back() -> None:
    world = _healthy()
    before = world.azure()
    world.apps.is_stuck = True
    world.when("undo propagate", world.mend)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "resolves to a different version" in words_of(rotation.failure)
    require_rolled_back(world, before)
    await require_resolved(world)


@pytest.mark.parametrize("status", ["AccessToKeyVaultDenied", "InvalidSyntax", None])
async def test_references_that_do_not_resolve_are_rolled_back(
    status: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = _healthy()
    before, old = world.azure(), world.current()

    async def answer(app: AppSlot, setting: str) -> ReferenceState | None:
        if world.current() == old:
            return ReferenceState("Resolved", old)
        return ReferenceState(status, world.current()) if status else None

    monkeypatch.setattr(world.apps, "reference", answer)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert f"the reference isn't resolved: {status or 'missing'}" in words_of(rotation.failure)
    require_rolled_back(world, before)


async def test_an_undo_that_does_not_read_back_does_not_count() -> None:
    world = _sick()
    before = world.azure()
    world.when("undo propagate", world.versions.show_late)
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    world.mend()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)


async def test_a_restored_version_that_is_never_shown_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _sick()
    write = world.versions.write

    async def write_unseen(vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        made = await write(vault_url, name, value, version)
        world.versions.show_late()
        return made

    world.when("undo verify", lambda: monkeypatch.setattr(world.versions, "write", write_unseen))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "can't be read back yet" in words_of(rotation.records[-1].note)
    assert len(world.azure().versions) == 3


async def _ignore(app: AppSlot, settings: Settings) -> None:
    """Ignore the settings without saying so."""


async def test_an_app_that_ignores_settings_is_noticed_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _healthy()
    before = world.azure()
    monkeypatch.setattr(world.apps, "replace", _ignore)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "the settings don't read back as written" in words_of(rotation.failure)
    require_rolled_back(world, before)


async def test_one_failing_app_has_all_others_restored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _healthy()
    before = world.azure()
    replace_settings = world.apps.replace

    async def replace_elsewhere(app: AppSlot, settings: Settings) -> None:
        if app == BILLING:
            raise FORBIDDEN
        await replace_settings(app, settings)

    monkeypatch.setattr(world.apps, "replace", replace_elsewhere)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert [world.apps.restarts(app) for app in (CHECKOUT, BILLING, STAGING)] == [2, 0, 2]
    require_rolled_back(world, before)


async def test_an_app_that_ignores_restored_settings_needs_a_human(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _sick()
    world.when("undo verify", lambda: monkeypatch.setattr(world.apps, "replace", _ignore))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "the settings don't read back as written" in words_of(rotation.records[-1].note)


@pytest.mark.parametrize("fault", [REJECTED, FIREWALL, WRONG_PASSWORD])
async def test_a_final_error_is_not_retried(fault: Fault) -> None:
    world = _healthy()
    world.issuer.faults.order("issue", fault, times=FOREVER)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.issuer.calls.count("rot-one issue") == 1


async def test_an_app_with_a_lost_answer_is_unlocked_once_it_is_right() -> None:
    world = _healthy()
    world.apps.faults.order("replace", TIMED_OUT, when=When.AFTER)
    replica = RotationReplica(world)

    await replica.rotated()

    assert [await replica.locks.holder(app.id) for app in APPS] == ["", "", ""]


@pytest.mark.parametrize("answers", [True, False])
async def test_a_write_that_arrives_twice_leaves_one_version_enabled(answers: bool) -> None:
    world = _healthy()
    before = world.azure()
    world.versions.double_next_write()
    if not answers:
        world.versions.faults.order("write", TIMED_OUT, when=When.AFTER)

    rotation = await RotationReplica(world).rotated()

    (old, (_, first), (value, second)) = world.azure().versions
    assert rotation.state is RotationState.OVERLAPPING
    assert before.versions == (old,)
    assert (first, second) == (False, True)
    assert world.held(LITERAL.app, LITERAL.setting) == value


async def test_versions_that_arrived_twice_are_both_disabled() -> None:
    world = _sick()
    before = world.azure()
    world.versions.double_next_write()

    rotation = await RotationReplica(world).rotated()

    after = world.azure()
    assert rotation.state is RotationState.ROLLED_BACK
    assert [is_enabled for _, is_enabled in after.versions] == [True, False, False, True]
    assert after.versions[-1] == before.versions[-1]
    assert before.settings == after.settings


async def test_a_restored_value_that_arrives_twice_is_the_same_both_times() -> None:
    world = _sick()
    before = world.azure()
    world.when("undo propagate", world.versions.double_next_write)

    rotation = await RotationReplica(world).rotated()

    after = world.azure()
    assert rotation.state is RotationState.ROLLED_BACK
    assert set(after.versions) - {after.versions[1]} == {before.versions[0]}
    assert before.settings == after.settings


async def test_a_step_waits_as_long_as_azure_asks() -> None:
    world = _healthy()
    world.versions.faults.order("write", THROTTLED)
    replica = RotationReplica(world)

    await replica.rotate()
    await replica.settle()
    rotation = await replica.rotation()
    await replica.pass_time(89 * SECOND)
    still = await replica.rotation()
    await replica.pass_time(SECOND)

    assert rotation.retry_at == world.clock.now
    assert rotation == still
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
