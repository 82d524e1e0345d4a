"""How long the old version stays enabled, also with a second rotation."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.reasons import as_written
from domain.rotation.changes import stop_after_look
from domain.rotation.plan import RotationPlan
from domain.rotation.rotation import RotationState
from services.faults import Unavailable
from services.rotation.issuers.issuer import Issuer
from services.rotation.issuers.storage_account import NAME as STORAGE_ACCOUNT
from services.rotation.issuers.storage_account import StorageAccountIssuer
from services.rotation.planner import Planner
from services.rotation.secret_versions import ROTATION_TAG
from services.rotation.step import NotYet
from tests.services.rotation.endings import require_rotated
from tests.services.rotation.faults.test_late_effects import APPLICATION, RegistrationWorld
from tests.support.builders import ADA, HOUR, SECOND, VAULT
from tests.support.processes import crashing_steps
from tests.support.refusing import words_of
from tests.support.rotation.builders import BY_ADA, DAY, LITERAL, ROTATED, a_rotation_policy
from tests.support.rotation.crashing_fakes import CrashingStorageKeys
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.issuer_fakes import FakeStorageKeys
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld
from tests.support.tables.crashing_table import EITHER, Crash, When

ACCOUNT = (
    "/subscriptions/5b1c0000-0000-4000-8000-000000000001/resourceGroups/rg-demo"
    "/providers/Microsoft.Storage/storageAccounts/stdemo"
)


def _enabled(world: RotationWorld) -> list[bool]:
    return [is_enabled for _, is_enabled in world.azure().versions]


async def test_the_old_version_stays_enabled_during_the_overlap_and_is_then_disabled() -> None:
    world = RotationWorld()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.settle()

    await replica.pass_time(DAY - SECOND)
    during = _enabled(world)
    await replica.pass_time(SECOND)

    assert during == [True, True]
    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before, retired=True)
    assert await world.queued() == []


async def test_a_second_rotation_during_the_overlap_leaves_each_version_its_time() -> None:
    world = RotationWorld()
    replica = RotationReplica(world)
    await replica.rotate("rot-one")
    await replica.pass_time(HOUR)
    await replica.rotate("rot-two")
    await replica.settle()
    both = _enabled(world)

    await replica.pass_time(23 * HOUR)
    after_the_first = _enabled(world)
    await replica.pass_time(HOUR)

    assert both == [True, True, True]
    assert after_the_first == [False, True, True]
    assert _enabled(world) == [False, False, True]
    states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
    assert states == [RotationState.ROTATED, RotationState.ROTATED]


async def test_a_second_rotation_that_is_rolled_back_does_not_disturb_the_first() -> None:
    health = "https://checkout.example/health"
    checked = replace(LITERAL, health_url=health)
    world = RotationWorld(a_rotation_policy(dependents=(checked, *DEPENDENTS[1:])))
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    settings = world.azure().settings
    value = world.value("")
    world.health.sick.add(health)

    await replica.rotated("rot-two")
    await replica.pass_time(DAY)

    states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
    assert states == [RotationState.ROTATED, RotationState.ROLLED_BACK]
    assert _enabled(world) == [False, True, False, True]
    assert world.value("") == value
    assert world.azure().settings == settings


class SlotWorld(RotationWorld):
    """A world in which the secret is a key of a storage account, at first ``key1``."""

    def __init__(self) -> None:
        policy = a_rotation_policy(issuer=STORAGE_ACCOUNT, options=(("account", ACCOUNT),))
        super().__init__(policy)
        self.keys = FakeStorageKeys(self.clock)
        self.keys.add(ACCOUNT)
        self.versions.put(VAULT.url, ROTATED, self.key("key1"))

    def issuers(self, crash: Crash) -> Mapping[str, Issuer]:
        return {STORAGE_ACCOUNT: StorageAccountIssuer(CrashingStorageKeys(self.keys, crash))}

    def key(self, slot: str) -> str:
        return self.keys.value(ACCOUNT, slot).reveal()


async def test_both_keys_take_turns() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    first = world.key("key1")

    await replica.rotated("rot-one")
    during = (world.key("key1"), world.value(""))
    await replica.pass_time(2 * DAY)
    after = (world.key("key1"), world.value(""))
    await replica.rotated("rot-two")

    assert (first, world.key("key2")) == during
    assert after[0] != first
    assert after[1] == during[1]
    assert world.value("") == world.key("key1")


async def test_a_slot_that_is_needed_again_is_retired_first() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    old = world.current()
    await replica.rotated("rot-one")

    await replica.rotated("rot-two")

    states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
    assert states == [RotationState.ROTATED, RotationState.OVERLAPPING]
    assert not world.version(old).enabled
    assert world.value("") == world.key("key1")


async def test_a_slot_that_cannot_be_retired_is_not_issued_again() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    value, key = world.value(""), world.key("key1")
    world.versions.faults.order("disable", Unavailable("Azure", "503"), times=FOREVER)

    second = await replica.rotated("rot-two")

    assert second.state is RotationState.ROLLED_BACK
    assert "rot-one" in words_of(second.failure)
    assert (value, key) == (world.value(""), world.key("key1"))


async def _rotate_twice(crash: Crash) -> SlotWorld:
    """Rotate twice within the overlap; the first process dies."""
    world = SlotWorld()
    await crashing_steps.take(
        (_rotate_first, _rotate_second, _let_it_end),
        RotationReplica(world, crash),
        lambda: RotationReplica(world),
        world.clock,
    )
    return world


async def _rotate_first(replica: RotationReplica) -> None:
    await replica.rotated("rot-one")


async def _rotate_second(replica: RotationReplica) -> None:
    await replica.rotated("rot-two")


async def _let_it_end(replica: RotationReplica) -> None:
    await replica.pass_time(2 * DAY)


@pytest.mark.parametrize("when", EITHER)
async def test_the_current_value_is_a_working_key_wherever_the_process_dies(when: When) -> None:
    whole = Crash()
    await _rotate_twice(whole)

    assert whole.points > 50
    for point in range(1, whole.points + 1):
        world = await _rotate_twice(Crash(point, when))
        replica = RotationReplica(world)
        died = f"died {when.name} point {point}"
        states = [(await replica.rotation(one)).state for one in ("rot-one", "rot-two")]
        assert states == [RotationState.ROTATED] * 2, died
        assert world.value("") == world.key("key1"), died
        assert _enabled(world) == [True, False, False, True], died
        assert await world.queued() == [], died


async def test_a_rotation_that_stops_at_drift_does_not_end_the_overlap() -> None:
    world = SlotWorld()
    drifting = replace(
        world.policies.rotation_of(ROTATED) or a_rotation_policy(), dependents=(LITERAL,)
    )
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    world.rotate_by(drifting)
    replica = RotationReplica(world)

    second = await replica.rotated("rot-two")

    assert second.state is RotationState.ROLLED_BACK
    assert (await replica.rotation("rot-one")).state is RotationState.OVERLAPPING


async def test_the_end_of_an_overlap_for_another_rotation_is_an_event_and_a_message() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    first = await replica.rotated("rot-one")
    until = first.overlap_until

    await replica.rotated("rot-two")

    [ended] = [one for one in await replica.events("rot-one") if one.kind == "overlap_ended"]
    assert until is not None
    assert ended.facts == {"rotation_id": "rot-two", "until": until.isoformat()}
    assert "overlap_ended" in world.message_sender.sent_to(ADA.object_id)


async def test_the_plan_says_whose_overlap_a_rotation_would_end() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")

    during = await _plan(replica)
    await replica.pass_time(2 * DAY)
    after = await _plan(replica)

    said = words_of(during.notes[0])
    assert said.startswith("The overlap of rot-one ends at once, and not on 3 Mar 2026, 09:00")
    assert "overlap_ends_at_once" not in {one.code for one in after.notes}


async def test_the_plan_says_of_an_overlap_that_is_over_that_its_retirement_is_waited_for() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    world.keys.faults.order("regenerate", Unavailable("Azure", "503"), times=FOREVER)
    await replica.pass_time(DAY - HOUR + SECOND)

    plan = await _plan(replica)

    said = words_of(plan.notes[0])
    assert (await replica.rotation("rot-one")).state is RotationState.OVERLAPPING
    assert said.startswith("The overlap of rot-one has ended, but the credential")
    assert "ends at once" not in said


async def test_the_plan_says_that_an_earlier_rotation_with_the_slot_needs_a_human_first() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    world.versions.faults.order("disable", Unavailable("Azure", "503"), times=FOREVER)
    second = await replica.rotated("rot-two")

    plan = await _plan(replica)

    assert (await replica.rotation("rot-one")).state is RotationState.NEEDS_HUMAN
    assert second.state is RotationState.ROLLED_BACK
    assert plan.is_blocked
    assert [words_of(one) for one in plan.faults] == [
        "rot-one needs a human and must finish first: type retry rot-one"
    ]


async def test_an_overlap_that_nothing_ends_is_not_said_to_end() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    first = await replica.rotated("rot-one")
    stored = await replica.workflows.load("rot-one")
    assert stored
    stopped = stop_after_look(first, as_written("It went wrong."), world.clock())
    await replica.engine.record(stored, stopped)

    with pytest.raises(NotYet, match="rot-one"):
        await replica.rotations.end_overlap("rot-one", first)

    kinds = [one.kind for one in await replica.events("rot-one")]
    assert "overlap_ended" not in kinds


async def _plan(replica: RotationReplica) -> RotationPlan:
    world = replica.world
    planner = Planner(
        replica.rotations, world.versions, world.dependents(), world.issuers(Crash()), world.clock
    )
    return await planner.plan(ROTATED, BY_ADA, "rot-planned")


async def test_a_second_client_secret_leaves_the_first_overlap_its_time() -> None:
    world = RegistrationWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    plan = await _plan(replica)

    await replica.rotated("rot-two")
    during = world.passwords.key_ids(APPLICATION)
    await replica.pass_time(2 * DAY)

    second = await replica.rotation("rot-two")
    assert "overlap_ends_at_once" not in {one.code for one in plan.notes}
    assert world.by_hand.key_id in during
    assert world.passwords.key_ids(APPLICATION) == {second.credential}
    assert world.is_good()


async def test_a_key_of_another_account_leaves_the_first_overlap_its_time() -> None:
    world = SlotWorld()
    replica = RotationReplica(world)
    await replica.rotated("rot-one")
    other = ACCOUNT.replace("stdemo", "stother")
    world.keys.add(other)
    world.versions.put(
        VAULT.url,
        ROTATED,
        world.keys.value(other, "key1").reveal(),
        tags={ROTATION_TAG: "rot-one"},
    )
    policy = world.policies.rotation_of(ROTATED) or a_rotation_policy()
    world.rotate_by(replace(policy, options=(("account", other),)))
    replica = RotationReplica(world)

    second = await replica.rotated("rot-two")

    assert second.state is RotationState.OVERLAPPING
    assert (await replica.rotation("rot-one")).state is RotationState.OVERLAPPING
