"""Connection strings as dependents: like app settings, and each keeps its type."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from domain.rotation.rotation import AppSlot, Dependent, RotationState
from services.faults import Unavailable
from services.rotation.dependents.app_setting import Settings
from services.rotation.dependents.kind import AppBusy
from services.rotation.planner import Planner
from tests.services.rotation.faults.test_late_settings import LateApps
from tests.support.builders import HOUR, SECOND
from tests.support.processes import crashing_steps
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
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import EITHER, Crash, When

HEALTH = "https://checkout.example/health"
Strings = Mapping[str, Mapping[str, tuple[str, str]]]


def a_string(app: AppSlot, name: str, *, create: bool = False, **options: str) -> Dependent:
    return Dependent(
        app, name, create=create, kind="connection_string", options=tuple(options.items())
    )


DEFAULT = replace(a_string(CHECKOUT, "DefaultConnection"), health_url=HEALTH)
PINNED = a_string(BILLING, "Upstream")
FLOATING = a_string(BILLING, "Floating")
ADDED = a_string(STAGING, "Added", create=True, type="PostgreSQL")


class StringsWorld(RotationWorld):
    """A world where apps use a secret in connection strings, and one app in a setting too."""

    def __init__(self, *dependents: Dependent) -> None:
        used = dependents or (DEFAULT, PINNED, FLOATING, ADDED, LITERAL)
        super().__init__(a_rotation_policy(dependents=used, overlap=HOUR))
        pinned = f"@Microsoft.KeyVault(SecretUri={self.uri}/{self.old})"
        floating = f"@Microsoft.KeyVault(SecretUri={self.uri}/)"
        self.strings.add(
            CHECKOUT, DefaultConnection=(OLD_VALUE, "SQLAzure"), Cache=("cache", "RedisCache")
        )
        self.strings.add(BILLING, Upstream=(pinned, "MySql"), Floating=(floating, "Custom"))
        self.strings.add(STAGING, Theirs=("theirs", "EventHub"))

    def held_strings(self) -> Strings:
        return {str(app): self.strings.contents(app) for app in (CHECKOUT, BILLING, STAGING)}


def require_rotated(world: StringsWorld, before: Strings) -> None:
    """Check that all have the new version in their own shape, and nothing else has changed."""
    new = world.value("")
    pinned = f"@Microsoft.KeyVault(SecretUri={world.uri}/{world.current()})"

    assert new != OLD_VALUE
    assert world.held(CHECKOUT, "API_KEY") == new
    assert world.held_strings() == {
        "checkout-api": {
            "DefaultConnection": (new, "SQLAzure"),
            "Cache": ("cache", "RedisCache"),
        },
        "billing-worker": {
            "Upstream": (pinned, "MySql"),
            "Floating": before["billing-worker"]["Floating"],
        },
        "checkout-api/staging": {"Theirs": ("theirs", "EventHub"), "Added": (new, "PostgreSQL")},
    }
    assert world.strings.values.active_version(BILLING, "Floating") == world.current()


def require_as_before(world: StringsWorld, before: Strings) -> None:
    """Check that every string is as before, including its type."""
    assert world.value("") == OLD_VALUE
    assert world.held(CHECKOUT, "API_KEY") == OLD_VALUE
    assert world.held_strings() == before
    assert world.strings.values.active_version(BILLING, "Floating") == world.current()


async def test_each_gets_the_new_value_in_its_own_shape_and_keeps_its_type() -> None:
    world = StringsWorld()
    before = world.held_strings()
    replica = RotationReplica(world)

    await replica.rotated()
    await replica.pass_time(DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.ROTATED
    require_rotated(world, before)
    assert "checkout-api connection string DefaultConnection: literal" in words_of(
        rotation.records[0].note
    )


async def test_a_rollback_restores_each_with_its_type_and_removes_an_added_one() -> None:
    world = StringsWorld()
    world.health.sick.add(HEALTH)
    before = world.held_strings()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_as_before(world, before)


async def test_a_name_that_the_app_spells_differently_keeps_the_apps_spelling() -> None:
    world = StringsWorld(a_string(CHECKOUT, "DEFAULTCONNECTION"))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROTATED
    assert world.strings.contents(CHECKOUT)["DefaultConnection"] == (world.value(""), "SQLAzure")
    assert len(world.strings.contents(CHECKOUT)) == 2


async def test_a_string_with_another_value_stops_the_rotation_before_anything_changes() -> None:
    world = StringsWorld()
    world.strings.add(CHECKOUT, DefaultConnection=("theirs", "SQLAzure"))
    before = world.azure(), world.held_strings()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "checkout-api connection string DefaultConnection holds a different value" in (
        words_of(rotation.failure)
    )
    assert (world.azure(), world.held_strings()) == before


async def test_if_one_kind_was_changed_meanwhile_the_other_kind_is_not_touched() -> None:
    world = StringsWorld()
    theirs = partial(world.strings.add, CHECKOUT, DefaultConnection=("theirs", "SQLAzure"))
    world.when("perform propagate", theirs)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.strings.contents(CHECKOUT) == {"DefaultConnection": ("theirs", "SQLAzure")}
    assert world.held(CHECKOUT, "API_KEY") == OLD_VALUE
    assert world.apps.restarts(CHECKOUT) == 0


async def test_a_type_that_someone_else_changes_is_kept() -> None:
    world = StringsWorld()
    replica = RotationReplica(world)
    retyped = partial(world.strings.add, CHECKOUT, DefaultConnection=(OLD_VALUE, "SQLServer"))
    world.when("perform propagate", retyped)

    await replica.rotated()

    assert world.strings.contents(CHECKOUT) == {"DefaultConnection": (world.value(""), "SQLServer")}


async def test_a_string_reset_to_the_old_value_is_repaired_before_the_old_version_goes() -> None:
    world = StringsWorld()
    before = world.held_strings()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.settle()
    world.strings.add(
        CHECKOUT, DefaultConnection=(OLD_VALUE, "SQLAzure"), Cache=("cache", "RedisCache")
    )

    await replica.pass_time(DAY)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.ROTATED
    assert "updated again: checkout-api connection string DefaultConnection" in (
        words_of(rotation.records[-1].note)
    )
    require_rotated(world, before)


async def test_a_busy_app_is_waited_for() -> None:
    world = StringsWorld()
    before = world.held_strings()
    busy = AppBusy("App Service", "409 Conflict: the app is busy", outcome_unknown=False)
    world.strings.faults.order("replace", busy, times=4)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state in {RotationState.OVERLAPPING, RotationState.ROTATED}
    require_rotated(world, before)


async def test_a_string_that_can_never_be_changed_rolls_everything_back() -> None:
    world = StringsWorld()
    before = world.held_strings()
    world.strings.faults.order("replace", Unavailable("Azure", "503"), times=5 * 3)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_as_before(world, before)


@pytest.mark.parametrize("late", [5 * SECOND, 20 * SECOND, 70 * SECOND], ids=str)
async def test_a_change_that_lands_late_is_waited_for_and_overwrites_nothing(
    late: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = StringsWorld()
    before = world.held_strings()
    LateApps(world, late, {1}, world.strings.values).use(monkeypatch)
    replica = RotationReplica(world)

    await replica.rotate()
    await replica.pass_time(20 * SECOND)
    held_by = await replica.locks.holder(CHECKOUT.id), await replica.locks.holder(BILLING.id)
    await replica.pass_time(2 * DAY)

    assert "rot-one" in held_by
    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before)
    assert await replica.locks.holder(CHECKOUT.id) == ""


async def test_settings_and_strings_of_an_app_have_one_writer_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = StringsWorld(DEFAULT, LITERAL)
    replica = RotationReplica(world)
    holders: list[str] = []
    replace_settings = world.apps.replace

    async def replace_and_look(app: AppSlot, settings: Settings) -> None:
        holders.append(await replica.locks.holder(CHECKOUT.id))
        await replace_settings(app, settings)

    monkeypatch.setattr(world.apps, "replace", replace_and_look)
    monkeypatch.setattr(world.strings.values, "replace", _looking(world, replica, holders))

    await replica.rotated()

    assert holders == ["rot-one", "rot-one"]
    assert await replica.locks.holder(CHECKOUT.id) == ""


def _looking(world: StringsWorld, replica: RotationReplica, holders: list[str]) -> object:
    replace_strings = world.strings.values.replace

    async def replace_and_look(app: AppSlot, settings: Settings) -> None:
        holders.append(await replica.locks.holder(app.id))
        await replace_strings(app, settings)

    return replace_and_look


async def _lived(crash: Crash, *, fails: bool) -> StringsWorld:
    """Rotate, or roll back, with a process that crashes and another one that continues."""
    world = StringsWorld()
    if fails:
        world.health.sick.add(HEALTH)
    await crashing_steps.take(
        (RotationReplica.rotate, RotationReplica.settle),
        RotationReplica(world, crash),
        lambda: RotationReplica(world),
        world.clock,
    )
    await RotationReplica(world).pass_time(DAY)
    return world


@pytest.mark.usefixtures("few_shards")
@pytest.mark.parametrize("when", EITHER)
@pytest.mark.parametrize("fails", [False, True], ids=["rotated", "rolled back"])
async def test_wherever_the_process_crashes_strings_end_up_as_without_a_crash(
    when: When, *, fails: bool
) -> None:
    before = StringsWorld().held_strings()
    whole = Crash()
    await _lived(whole, fails=fails)

    assert whole.points > 20
    for point in range(1, whole.points + 1):
        world = await _lived(Crash(point, when), fails=fails)
        state = (await RotationReplica(world).rotation()).state
        ended = RotationState.ROLLED_BACK if fails else RotationState.ROTATED
        assert state is ended, f"died {when.name} point {point}"
        (require_as_before if fails else require_rotated)(world, before)


async def test_the_plan_names_a_missing_string_with_the_nearest_name() -> None:
    world = StringsWorld(a_string(CHECKOUT, "DefaultConection"))
    replica = RotationReplica(world)
    planner = Planner(
        replica.rotations,
        world.versions,
        world.dependents(),
        world.issuers(Crash()),
        world.clock,
    )

    plan = await planner.plan(ROTATED, BY_ADA, "rot-one")

    [planned] = plan.dependents
    assert words_of(planned.fault) == (
        "checkout-api connection string DefaultConection doesn't exist in the app (did you mean "
        "DefaultConnection?). To have it added, set create = true for this dependent in the "
        "policy file"
    )


async def test_a_kind_that_no_longer_exists_stops_the_rotation_with_its_name() -> None:
    world = StringsWorld(replace(DEFAULT, kind="carrier_pigeon"))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert (
        words_of(rotation.failure) == "Latchkey: there is no kind of dependent named carrier_pigeon"
    )
