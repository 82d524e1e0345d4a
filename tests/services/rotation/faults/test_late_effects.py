"""Changes that Azure carries out when nobody waits for them anymore, and what is announced then."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rotation.rotation import Dependent, RotationState, Step
from domain.secrets import SecretValue
from domain.unknown_outcome import KEY_VAULT_LIFE
from services.faults import Unavailable
from services.rotation.issuers.app_registration import AppRegistrationIssuer
from services.rotation.issuers.issuer import Issuer
from services.rotation.issuers.storage_account import StorageAccountIssuer
from services.rotation.secret_versions import CREDENTIAL_TAG
from services.rotation.versions.versions_of import NEW, role_of
from services.workflow.due.agenda import CLAIM
from tests.services.rotation.endings import require_resolved, require_rolled_back, require_rotated
from tests.support.builders import ADA, HOUR, MINUTE, SECOND, VAULT
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    CHECKOUT,
    DAY,
    LITERAL,
    ROTATED,
    a_rotation_at,
    a_rotation_policy,
    a_rotation_rolling_back,
    an_overlapping_rotation,
)
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeSignIns
from tests.support.rotation.late_fakes import Lateness, LateSecretVersions, LateStorageKeys
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import Crash, Killed

APPLICATION = "60000000-0000-4000-8000-000000000001"
ACCOUNT = (
    "/subscriptions/5b1c0000-0000-4000-8000-000000000001/resourceGroups/rg-demo"
    "/providers/Microsoft.Storage/storageAccounts/stdemo"
)
HEALTH = "https://checkout.example/health"
LANDS = pytest.mark.parametrize(
    "after", [5 * SECOND, 20 * SECOND, 70 * SECOND], ids=["5 s", "20 s", "70 s"]
)


class LateWorld(RotationWorld):
    """A world whose vault may carry out changes late."""

    def __init__(self) -> None:
        checked = replace(LITERAL, health_url=HEALTH)
        super().__init__(a_rotation_policy(dependents=(checked, *DEPENDENTS[1:])))
        self.late = Lateness(self.clock)
        versions = LateSecretVersions(self.clock, self.late)
        versions.adopt(self.versions)
        self.versions = versions
        self.apps.look_in(versions)


class RegistrationWorld(RotationWorld):
    """A world in which the secret is a client secret created by hand."""

    def __init__(self, *, adopt: bool = False, dependents: tuple[Dependent, ...] = ()) -> None:
        self.passwords = FakeAppPasswords()
        self.passwords.register(APPLICATION)
        self.by_hand, value = self.passwords.plant(APPLICATION, "by hand")
        super().__init__(
            a_rotation_policy(
                issuer="app-registration",
                options=(("application", APPLICATION),),
                dependents=dependents,
            )
        )
        self.sign_ins = FakeSignIns(self.passwords)
        self.late = Lateness(self.clock)
        self.versions = LateSecretVersions(self.clock, self.late)
        tags = {} if adopt else {CREDENTIAL_TAG: self.by_hand.key_id}
        self.versions.put(VAULT.url, ROTATED, value.reveal(), tags=tags)

    def issuers(self, crash: Crash) -> Mapping[str, Issuer]:
        return {"app-registration": AppRegistrationIssuer(self.passwords, self.sign_ins)}

    def is_good(self) -> bool:
        """Say whether the value in the vault can be used to sign in."""
        return self.passwords.is_good(APPLICATION, SecretValue(self.value("")))


class AccountWorld(RotationWorld):
    """A world in which the secret is a storage account's key, which may be regenerated late."""

    def __init__(self) -> None:
        super().__init__(
            a_rotation_policy(issuer="storage-account", options=(("account", ACCOUNT),))
        )
        self.late = Lateness(self.clock)
        self.versions = LateSecretVersions(self.clock, self.late)
        self.keys = LateStorageKeys(self.clock, self.late)
        self.keys.add(ACCOUNT)
        self.versions.put(VAULT.url, ROTATED, self.key("key1"))

    def issuers(self, crash: Crash) -> Mapping[str, Issuer]:
        return {"storage-account": StorageAccountIssuer(self.keys)}

    def key(self, slot: str) -> str:
        return self.keys.value(ACCOUNT, slot).reveal()


@LANDS
async def test_a_late_write_is_found_and_made_once(after: timedelta) -> None:
    world = LateWorld()
    before = world.azure()
    world.late.order("write", after)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    require_rotated(world, before)
    await require_resolved(world)


@LANDS
async def test_a_late_last_write_is_undone_before_anything_is_announced(
    after: timedelta,
) -> None:
    world = LateWorld()
    before = world.azure()
    world.late.order("write", None, times=4)
    world.late.order("write", after)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert len(world.azure().versions) == 3
    require_rolled_back(world, before)
    await require_resolved(world)


@LANDS
async def test_a_late_restoring_write_is_made_once(after: timedelta) -> None:
    world = LateWorld()
    before = world.azure()
    world.health.sick.add(HEALTH)
    world.when("undo verify", lambda: world.late.order("write", after))

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert len(world.azure().versions) == 3
    require_rolled_back(world, before)
    await require_resolved(world)


@LANDS
async def test_an_undo_waits_for_a_version_that_is_disabled_late(after: timedelta) -> None:
    world = LateWorld()
    before = world.azure()
    world.health.sick.add(HEALTH)
    world.late.order("disable", after)

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    require_rolled_back(world, before)


@LANDS
async def test_an_old_version_disabled_late_is_disabled_when_it_is_announced(
    after: timedelta,
) -> None:
    world = LateWorld()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotated()
    world.late.order("disable", after)

    await replica.pass_time(DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    require_rotated(world, before, retired=True)


@LANDS
async def test_a_key_regenerated_late_is_never_the_one_in_the_vault(
    after: timedelta,
) -> None:
    world = AccountWorld()
    world.late.order("regenerate", after)
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert world.value("") == world.key("key2")


@LANDS
async def test_a_key_withdrawn_late_does_not_break_the_next_rotation(
    after: timedelta,
) -> None:
    world = AccountWorld()
    replica = RotationReplica(world)
    fault = Unavailable("Key Vault", "429", outcome_unknown=False)
    world.versions.faults.order("write", fault, times=5)
    world.when("undo issue", lambda: world.late.order("regenerate", after))
    await replica.rotated()

    second = await replica.rotated("rot-two")

    assert second.state is RotationState.OVERLAPPING
    assert world.value("") == world.key("key2")


@LANDS
async def test_a_key_retired_late_does_not_break_the_next_rotation(
    after: timedelta,
) -> None:
    world = AccountWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.late.order("regenerate", after)

    second = await replica.rotated("rot-two")
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert second.state is RotationState.OVERLAPPING
    assert world.value("") == world.key("key1")


@pytest.mark.parametrize("first", [1.5 * SECOND, 16.5 * SECOND, 70 * SECOND], ids=str)
async def test_the_version_that_stays_holds_an_existing_client_secret(first: timedelta) -> None:
    world = RegistrationWorld()
    world.late.order("write", first)
    world.late.order("write", None)
    replica = RotationReplica(world)

    await replica.rotated()
    during = world.is_good()
    await replica.pass_time(2 * DAY)

    assert during
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.is_good()
    assert len(world.passwords.key_ids(APPLICATION)) == 1


async def test_no_app_gets_an_invalid_client_secret_before_the_old_one_is_removed() -> None:
    world = RegistrationWorld(dependents=(LITERAL,))
    old = world.value("")
    world.apps.change(CHECKOUT, API_KEY=old)
    replica = RotationReplica(world)
    await replica.rotated()
    made = world.passwords.key_ids(APPLICATION) - {world.by_hand.key_id}

    await world.passwords.remove(APPLICATION, made.pop())
    world.apps.change(CHECKOUT, API_KEY=old)
    await replica.pass_time(DAY + HOUR)

    rotation = await replica.rotation()
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert "isn't valid; the old one is kept" in words_of(rotation.records[-1].note)
    assert world.held(CHECKOUT, "API_KEY") == old
    assert world.passwords.is_good(APPLICATION, SecretValue(old))


async def test_nothing_follows_the_write_before_its_outcome_is_known() -> None:
    world = LateWorld()
    world.late.order("write", None)
    replica = RotationReplica(world)
    await replica.rotate()

    await replica.pass_time(MINUTE)
    during = await replica.rotation()
    await replica.pass_time(MINUTE)

    assert during.step is Step.WRITE
    assert during.retry_at == during.unknown_until
    assert (await replica.rotation()).state is RotationState.OVERLAPPING


async def test_a_version_with_a_dead_client_secret_is_replaced_and_disabled() -> None:
    world = RegistrationWorld()
    world.late.order("write", 20 * SECOND)
    replica = RotationReplica(world)
    await replica.rotate()
    await replica.settle()
    (made,) = world.passwords.key_ids(APPLICATION) - {world.by_hand.key_id}

    await world.passwords.remove(APPLICATION, made)
    await replica.pass_time(HOUR)

    (_, (_, is_dead_enabled), (value, is_enabled)) = world.versions.contents(VAULT.url, ROTATED)
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    assert (is_dead_enabled, is_enabled) == (False, True)
    assert world.passwords.is_good(APPLICATION, SecretValue(value))


async def test_a_version_that_arrives_after_its_longest_life_is_undone_minutes_later() -> None:
    world = LateWorld()
    before = world.azure()
    world.late.order("write", None, times=4)
    world.late.order("write", 3 * MINUTE)
    replica = RotationReplica(world)

    await replica.rotated()

    kinds = await replica.event_kinds("rot-one")
    assert kinds[-3:] == ["version_came_late", "step_undone", "rolled_back"]
    assert len(world.azure().versions) == 3
    require_rolled_back(world, before)
    assert await world.queued() == []


async def test_a_late_version_on_top_of_someone_elses_needs_a_human() -> None:
    world = LateWorld()
    world.late.order("write", None, times=4)
    world.late.order("write", 4 * MINUTE)
    replica = RotationReplica(world)
    await replica.rotate()
    while (await replica.rotation()).state is not RotationState.ROLLED_BACK:
        await replica.pass_time(10 * SECOND)

    theirs = world.versions.put(VAULT.url, ROTATED, "written by hand")
    await replica.pass_time(HOUR)
    helpless = await replica.rotation()
    world.versions.put(VAULT.url, ROTATED, "written by hand")
    late = next(one for one in await world.versions.list(VAULT.url, ROTATED) if role_of(one) == NEW)
    await world.versions.disable(VAULT.url, ROTATED, late.id)
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert theirs in words_of(helpless.records[-1].note)
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert world.value("") == "written by hand"


async def test_a_write_without_answer_or_effect_leaves_everything_unchanged() -> None:
    world = LateWorld()
    before = world.azure()
    world.late.order("write", None, times=5)
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert world.azure() == before
    assert world.value("") == OLD_VALUE
    assert await world.queued() == []


async def _killed(world: RotationWorld) -> RotationReplica:
    """Rotate until the process dies; return the one that takes over when its claim expires."""
    with pytest.raises(Killed):
        await RotationReplica(world).rotated()
    world.clock.advance(CLAIM)
    return RotationReplica(world)


@LANDS
async def test_a_write_sent_by_a_dead_process_is_found_and_made_once(
    after: timedelta,
) -> None:
    world = LateWorld()
    before = world.azure()
    world.late.kill("write", after)

    replica = await _killed(world)
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    assert len(world.azure().versions) == 2
    require_rotated(world, before)
    await require_resolved(world)


@LANDS
async def test_a_client_secret_written_by_a_dead_process_is_the_one_that_stays(
    after: timedelta,
) -> None:
    world = RegistrationWorld()
    world.late.kill("write", after)

    replica = await _killed(world)
    await replica.pass_time(HOUR)
    during = world.is_good()
    await replica.pass_time(2 * DAY)

    assert during
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.is_good()
    assert len(world.passwords.key_ids(APPLICATION)) == 1


@LANDS
async def test_a_restoring_write_sent_by_a_dead_process_is_made_once(
    after: timedelta,
) -> None:
    world = LateWorld()
    before = world.azure()
    world.health.sick.add(HEALTH)
    world.when("undo verify", lambda: world.late.kill("write", after))

    replica = await _killed(world)
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert len(world.azure().versions) == 3
    require_rolled_back(world, before)
    await require_resolved(world)


async def test_requests_that_a_dead_process_may_have_sent_are_waited_for_once() -> None:
    world = LateWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.late.kill("disable", None)
    with pytest.raises(Killed):
        await replica.pass_time(DAY)
    world.clock.advance(CLAIM)

    replica = RotationReplica(world)
    await replica.settle()
    noted = await replica.rotation()
    await replica.pass_time(3 * CLAIM)
    waiting = await replica.rotation()
    await replica.pass_time(2 * MINUTE)

    assert noted.retry_at == noted.unknown_until == waiting.retry_at
    assert noted.retry_at is not None
    assert (await replica.rotation()).state is RotationState.ROTATED


def _moves() -> tuple[RotationReplica, timedelta]:
    return RotationReplica(RotationWorld()), KEY_VAULT_LIFE


@pytest.mark.parametrize("step", [Step.ISSUE, Step.WRITE, Step.PROPAGATE])
def test_a_process_that_dies_in_a_writing_step_leaves_its_outcome_unknown(step: Step) -> None:
    replica, life = _moves()
    now = replica.clock()

    forwards = replica.rotation_moves.interrupted(a_rotation_at(step), now)
    backwards = replica.rotation_moves.interrupted(a_rotation_rolling_back(step), now)

    assert (forwards.unknown_until, forwards.unknown_effect) == (now + life, "perform")
    assert (backwards.unknown_until, backwards.unknown_effect) == (now + life, "undo")


def test_a_process_that_dies_while_retiring_leaves_its_outcome_unknown() -> None:
    replica, life = _moves()
    now = replica.clock()

    retiring = replica.rotation_moves.interrupted(an_overlapping_rotation(), now)

    assert (retiring.unknown_until, retiring.retry_at) == (now + life, now + life)


@pytest.mark.parametrize("step", [Step.CAPTURE, Step.VERIFY])
def test_a_process_that_dies_while_checking_leaves_nothing_unknown(step: Step) -> None:
    replica, _ = _moves()
    looking = a_rotation_at(step)

    assert replica.rotation_moves.interrupted(looking, replica.clock()) == looking
