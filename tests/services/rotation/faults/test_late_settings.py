"""A change of an app's settings that got no answer but is carried out later."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from domain.rotation.rotation import AppSlot, Dependent, RotationState, Step
from domain.unknown_outcome import APP_SERVICE_LIFE
from services.faults import Rejected, Unavailable
from services.rotation.dependents.app_setting import Settings
from services.workflow.engine import MOVE_TIMEOUT
from tests.services.rotation.endings import require_rolled_back, require_rotated
from tests.support.builders import ADA, HOUR, MINUTE, SECOND, SECRET, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    DAY,
    LITERAL,
    ROTATED,
    a_rotation_policy,
)
from tests.support.rotation.fakes import FOREVER, FakeAppSettings
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import EITHER, Crash, Killed, When

OTHER = Dependent(CHECKOUT, "DEMO_KEY")
DEMO_VALUE = "canary-demo-00112233445566778899aabbccddeeff"
LATE = [5 * SECOND, 20 * SECOND, 70 * SECOND]
WHOLE_LIFE = MOVE_TIMEOUT + APP_SERVICE_LIFE


class LateApps:
    """Apps that cut off some changes after 15 s, and carry them out later."""

    def __init__(
        self,
        world: RotationWorld,
        late: timedelta,
        calls: set[int],
        apps: FakeAppSettings | None = None,
    ) -> None:
        """Take the numbers of the ``replace`` calls to cut off, from 1."""
        self._apps = apps or world.apps
        self._clock = world.clock
        self._late = late
        self._calls = calls
        self._pending: list[tuple[datetime, AppSlot, Settings]] = []
        self._replace, self._read = self._apps.replace, self._apps.read
        self.replaced: list[str] = []

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(self._apps, "replace", self.replace)
        monkeypatch.setattr(self._apps, "read", self.read)

    async def land(self) -> None:
        """Carry out what is due."""
        for each in [one for one in self._pending if one[0] <= self._clock()]:
            self._pending.remove(each)
            await self._replace(each[1], each[2])

    async def read(self, app: AppSlot) -> Settings:
        await self.land()
        return await self._read(app)

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        self.replaced.append(app.name)
        if len(self.replaced) in self._calls:
            self._pending.append((self._clock() + self._late, app, dict(settings)))
            self._clock.advance(MOVE_TIMEOUT)
            raise Unavailable("Azure", "no answer in time")
        await self.land()
        await self._replace(app, settings)


def _two_secrets() -> RotationWorld:
    """A world in which one app uses two secrets."""
    world = RotationWorld(
        a_rotation_policy(dependents=(LITERAL,)),
        a_rotation_policy(secret=SECRET, dependents=(OTHER,)),
    )
    world.versions.put(VAULT.url, SECRET, DEMO_VALUE)
    world.apps.change(CHECKOUT, DEMO_KEY=DEMO_VALUE)
    return world


def _one_app() -> RotationWorld:
    return RotationWorld(a_rotation_policy(dependents=(LITERAL,)))


@pytest.mark.parametrize("late", [MOVE_TIMEOUT + after for after in LATE], ids=str)
async def test_a_change_that_arrives_after_its_retry_does_not_revert_the_next_rotation(
    late: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = _two_secrets()
    apps = LateApps(world, late, {1})
    apps.use(monkeypatch)
    replica = RotationReplica(world)
    await replica.rotate("rot-one")
    await replica.settle()
    await replica.pass_time(2 * SECOND)

    await replica.rotate("rot-two", secret=SECRET)
    await replica.settle()
    waiting = await replica.rotation("rot-two")
    await replica.pass_time(2 * DAY)

    await apps.land()
    states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
    assert waiting.step is Step.PROPAGATE
    assert "its settings are being changed by rot-one" in words_of(waiting.last_failure)
    assert states == [RotationState.ROTATED, RotationState.ROTATED]
    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert world.held(CHECKOUT, "DEMO_KEY") == world.versions.contents(VAULT.url, SECRET)[-1][0]
    assert [await replica.locks.holder(CHECKOUT.id)] == [""]


async def test_a_step_is_not_done_while_a_change_may_still_be_carried_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _one_app()
    before = world.azure()
    LateApps(world, 3 * SECOND, {1}).use(monkeypatch)
    replica = RotationReplica(world)
    start = world.clock()

    await replica.rotate()
    await replica.pass_time(WHOLE_LIFE - 20 * SECOND)
    waiting = await replica.rotation()
    await replica.pass_time(MINUTE)

    [done] = [
        event.at
        for event in await replica.events("rot-one")
        if event.kind == "step_done" and event.facts["step"] == "propagate"
    ]
    assert waiting.step is Step.PROPAGATE
    assert "may still be carried out" in words_of(waiting.last_failure)
    assert done >= start + WHOLE_LIFE
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    require_one_app_rotated(world, before.settings)


def require_one_app_rotated(world: RotationWorld, before: dict[str, dict[str, str]]) -> None:
    """Require that the one dependent has the new value, and that nothing else has changed."""
    changed = {**before["checkout-api"], "API_KEY": world.value("")}

    assert world.azure().settings == {**before, "checkout-api": changed}


@pytest.mark.parametrize("late", [MOVE_TIMEOUT + after for after in LATE], ids=str)
async def test_a_change_that_arrives_after_its_undo_is_undone_too(
    late: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = _one_app()
    before = world.azure()
    apps = LateApps(world, late, {1})
    apps.use(monkeypatch)

    replica = RotationReplica(world)
    await replica.rotate()
    await replica.settle()
    world.apps.faults.order("read", Rejected("Azure", "400"))
    await replica.pass_time(HOUR)

    await apps.land()
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)


@pytest.mark.parametrize("when", EITHER)
async def test_a_process_that_dies_during_a_change_keeps_the_app_locked(
    when: When, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(crash: Crash, point: list[int]) -> Callable[[], None]:
        return lambda: point.append(crash.points)

    whole, points = Crash(), list[int]()
    counted = _two_secrets()
    counted.when("perform propagate", begun(whole, points))
    await RotationReplica(counted, whole).rotated()
    # From the start of the step: the lock, then the settings.
    [beginning] = points
    world = _two_secrets()
    with pytest.raises(Killed):
        await RotationReplica(world, Crash(beginning + 2, when)).rotated()

    replica = RotationReplica(world)
    await replica.rotate("rot-two", secret=SECRET)
    await replica.settle()
    waiting = await replica.rotation("rot-two")
    await replica.pass_time(HOUR)

    states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
    assert "its settings are being changed by rot-one" in words_of(waiting.last_failure)
    assert states == [RotationState.OVERLAPPING, RotationState.OVERLAPPING]
    assert world.held(CHECKOUT, "API_KEY") == world.value("")
    assert world.held(CHECKOUT, "DEMO_KEY") == world.versions.contents(VAULT.url, SECRET)[-1][0]


async def test_an_app_that_refused_a_change_has_no_pending_change() -> None:
    world = _one_app()
    refused = Unavailable("Azure", "429", outcome_unknown=False)
    world.when("perform propagate", lambda: world.apps.faults.order("replace", refused, times=2))
    replica = RotationReplica(world)

    await replica.rotate()
    await replica.pass_time(10 * SECOND)

    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    assert await replica.locks.holder(CHECKOUT.id) == ""


async def test_a_setting_with_its_old_value_is_repaired_before_the_old_version_is_disabled() -> (
    None
):
    world = RotationWorld()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotated()
    world.apps.change(CHECKOUT, API_KEY=OLD_VALUE)
    world.apps.change(BILLING, UPSTREAM_KEY=before.settings["billing-worker"]["UPSTREAM_KEY"])

    await replica.pass_time(DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.ROTATED
    assert "updated again: checkout-api API_KEY, billing-worker UPSTREAM_KEY" in (
        words_of(rotation.records[-1].note)
    )
    require_rotated(world, before, retired=True)


async def test_a_reference_to_the_old_version_is_refreshed_before_that_is_disabled() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.apps.stand_for(BILLING, "FLOATING_KEY", world.old)

    await replica.pass_time(DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.apps.active_version(BILLING, "FLOATING_KEY") == world.current()


@pytest.mark.parametrize("held", ["somebody's", None])
async def test_a_setting_with_another_value_keeps_the_old_version_enabled_until_a_retry(
    held: str | None,
) -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    if held is None:
        world.apps.drop(CHECKOUT, "API_KEY")
    else:
        world.apps.change(CHECKOUT, API_KEY=held)

    await replica.pass_time(DAY + HOUR)
    helpless, versions = await replica.rotation(), world.azure().versions
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert "checkout-api API_KEY doesn't hold the new version" in words_of(
        helpless.records[-1].note
    )
    assert [is_enabled for _, is_enabled in versions] == [True, True]
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert [is_enabled for _, is_enabled in world.azure().versions] == [False, True]
    assert world.apps.contents(CHECKOUT).get("API_KEY") == held


async def test_a_secret_with_its_old_value_again_keeps_the_old_version_enabled() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE)

    await replica.pass_time(DAY + HOUR)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "has its old value again" in words_of(rotation.records[-1].note)
    assert world.azure().versions[0] == (OLD_VALUE, True)


async def test_an_app_deleted_during_the_overlap_does_not_keep_the_old_version_enabled() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.apps.remove(CHECKOUT)

    await replica.pass_time(DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_an_unreadable_app_keeps_the_old_version_enabled() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.apps.faults.order("read", Unavailable("Azure", "503"), times=FOREVER)

    await replica.pass_time(DAY + HOUR)

    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN
    assert [is_enabled for _, is_enabled in world.azure().versions] == [True, True]
