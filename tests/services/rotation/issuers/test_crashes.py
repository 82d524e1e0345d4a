"""Each issuer is killed at each of its effects and started again: the end is the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.rotation.issuers.app_registration import AppRegistrationIssuer
from services.rotation.issuers.issuer import Issued, Issuer
from services.rotation.issuers.storage_account import StorageAccountIssuer
from services.rotation.secret_versions import Version
from tests.support.clock import ManualClock
from tests.support.rotation.builders import a_rotation
from tests.support.rotation.crashing_fakes import CrashingAppPasswords, CrashingStorageKeys
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeSignIns, FakeStorageKeys
from tests.support.tables.crashing_table import EITHER, Crash, Killed, When

ACCOUNT = (
    "/subscriptions/5b1c0000-0000-4000-8000-000000000001/resourceGroups/rg-demo"
    "/providers/Microsoft.Storage/storageAccounts/demodata"
)
APPLICATION = "60000000-0000-4000-8000-000000000001"
OLD = Version(id="old", enabled=True, created_at=None)


@dataclass(slots=True)
class World:
    """What survives: the issuing system, the vault's current value, and the record."""

    rotation: Rotation
    issuer: Callable[[Crash], Issuer]
    is_good: Callable[[SecretValue], bool]
    old: SecretValue
    is_prepared: bool = False
    written: Issued | None = None
    is_over: bool = False
    given_out: list[SecretValue] = field(default_factory=list)


def _storage_world() -> World:
    clock = ManualClock()
    keys = FakeStorageKeys(clock)
    keys.add(ACCOUNT)
    clock.advance(days=30)
    return World(
        _rotation("account", ACCOUNT),
        lambda crash: StorageAccountIssuer(CrashingStorageKeys(keys, crash)),
        lambda value: value in (keys.value(ACCOUNT, "key1"), keys.value(ACCOUNT, "key2")),
        keys.value(ACCOUNT, "key1"),
    )


def _registration_world() -> World:
    passwords = FakeAppPasswords()
    passwords.register(APPLICATION)
    old, value = passwords.plant(APPLICATION, "latchkey rot-zero")
    return World(
        replace(_rotation("application", APPLICATION), old_credential=old.key_id),
        lambda crash: AppRegistrationIssuer(
            CrashingAppPasswords(passwords, crash), FakeSignIns(passwords)
        ),
        lambda value: passwords.is_good(APPLICATION, value),
        value,
    )


def _rotation(option: str, text: str) -> Rotation:
    rotation = a_rotation()
    return replace(rotation, terms=replace(rotation.terms, options=((option, text),)))


Worlds = pytest.mark.parametrize("a_world", [_storage_world, _registration_world])


async def _go_forwards(world: World, crash: Crash) -> None:
    """Do what the engine does: perform everything that isn't recorded, then record it."""
    issuer = world.issuer(crash)
    if not world.is_prepared:
        credential = await issuer.prepare(world.rotation, OLD, world.old)
        with crash.point():
            world.rotation = replace(world.rotation, credential=credential)
            world.is_prepared = True
    if world.written is None:
        issued = await issuer.issue(world.rotation)
        world.given_out.append(issued.value)
        with crash.point():
            world.written = issued
            world.rotation = replace(world.rotation, credential=issued.credential)
    if not world.is_over:
        await issuer.retire(world.rotation)
        with crash.point():
            world.is_over = True


async def _go_back(world: World, crash: Crash) -> None:
    await world.issuer(crash).withdraw(world.rotation, world.old)


async def _points(world: World, going: Callable[[World, Crash], Awaitable[None]]) -> int:
    crash = Crash()
    await going(world, crash)
    return crash.points


@Worlds
@pytest.mark.parametrize("when", EITHER)
async def test_after_a_crash_anywhere_only_the_new_credential_is_valid(
    a_world: Callable[[], World], when: When
) -> None:
    points = await _points(a_world(), _go_forwards)
    assert points >= 5
    for at in range(1, points + 1):
        world = a_world()
        with pytest.raises(Killed):
            await _go_forwards(world, Crash(at, when))

        await _go_forwards(world, Crash())

        assert world.written is not None
        good = [value for value in (world.old, *world.given_out) if world.is_good(value)]
        assert good, f"killed {when} {at}"
        assert all(world.written.value == value for value in good), f"killed {when} {at}"


@Worlds
@pytest.mark.parametrize("when", EITHER)
async def test_after_a_crash_anywhere_before_the_end_everything_can_be_withdrawn(
    a_world: Callable[[], World], when: When
) -> None:
    until_retirement = await _points(a_world(), _go_forwards) - 2
    for at in range(1, until_retirement + 1):
        world = a_world()
        with pytest.raises(Killed):
            await _go_forwards(world, Crash(at, when))

        await _go_back(world, Crash())

        assert world.is_good(world.old), f"killed {when} {at}"
        assert not any(world.is_good(value) for value in world.given_out), f"killed {when} {at}"


@Worlds
@pytest.mark.parametrize("when", EITHER)
async def test_a_withdrawal_can_die_too(a_world: Callable[[], World], when: When) -> None:
    world = a_world()
    issuer = world.issuer(Crash())
    credential = await issuer.prepare(world.rotation, OLD, world.old)
    world.rotation = replace(world.rotation, credential=credential)
    issued = await issuer.issue(world.rotation)
    with pytest.raises(Killed):
        await _go_back(world, Crash(1, when))

    await _go_back(world, Crash())

    assert world.is_good(world.old)
    assert not world.is_good(issued.value)
