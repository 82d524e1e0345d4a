"""Expiry: carried over from version to version, by rotations and by their undo."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.rotation.expiry import ExpiryFrom, PlannedExpiry
from domain.rotation.plan import RotationPlan
from domain.rotation.rotation import RotationState
from services.faults import Rejected
from services.rotation.issuers.app_registration import AppRegistrationIssuer
from services.rotation.issuers.issuer import Issuer
from services.rotation.planner import Planner
from services.rotation.secret_versions import CREDENTIAL_TAG
from tests.support.builders import VAULT
from tests.support.clock import NINE
from tests.support.refusing import words_of
from tests.support.rotation.builders import BY_ADA, DAY, ROTATED, a_rotation_policy
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeSignIns
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import Crash

APPLICATION = "60000000-0000-4000-8000-000000000001"
MONTH = 30 * DAY
END_OF_TIME = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def _world(
    *,
    max_age: timedelta | None = None,
    expires_at: datetime | None = NINE + 90 * DAY,
    not_before: datetime | None = None,
) -> RotationWorld:
    world = RotationWorld(a_rotation_policy(max_age=max_age))
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, expires_at=expires_at, not_before=not_before)
    return world


async def _plan(world: RotationWorld) -> RotationPlan:
    rotations, issuers = RotationReplica(world).rotations, world.issuers(Crash())
    planner = Planner(rotations, world.versions, world.dependents(), issuers, world.clock)
    return await planner.plan(ROTATED, BY_ADA, "rot-planned")


@pytest.mark.parametrize(
    ("max_age", "expires_at", "expected"),
    [
        (None, NINE + 90 * DAY, ExpiryFrom.PREDECESSOR),
        (MONTH, NINE + 90 * DAY, ExpiryFrom.POLICY),
        (MONTH, None, ExpiryFrom.POLICY),
        (None, None, ExpiryFrom.NOTHING),
    ],
)
async def test_a_new_version_is_valid_as_long_as_its_predecessor_unless_the_policy_says_otherwise(
    max_age: timedelta | None, expires_at: datetime | None, expected: ExpiryFrom
) -> None:
    world = _world(max_age=max_age, expires_at=expires_at)
    world.clock.advance(80 * DAY)
    lives = max_age or (90 * DAY if expires_at else None)
    expiry = world.clock() + lives if lives else None

    plan = await _plan(world)
    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert world.version("").expires_at == expiry
    assert plan.expiry == PlannedExpiry(expiry, expected)
    assert plan.old is not None
    assert plan.old.expires_at == expires_at


async def test_a_version_that_expires_at_the_end_of_time_is_followed_by_one_that_does() -> None:
    world = _world(expires_at=END_OF_TIME)
    world.clock.advance(80 * DAY)

    plan = await _plan(world)
    rotation = await RotationReplica(world).rotated()

    assert plan.expiry == PlannedExpiry(END_OF_TIME, ExpiryFrom.PREDECESSOR)
    assert rotation.state is RotationState.OVERLAPPING
    assert world.version("").expires_at == END_OF_TIME


async def test_the_card_says_when_the_version_that_was_read_back_expires() -> None:
    rotation = await RotationReplica(_world()).rotated()

    note = next(record.note for record in rotation.records if record.step == "write")
    assert words_of(note).endswith(", expires on 31 May 2026")


async def test_the_successor_of_a_version_with_an_nbf_is_valid_from_now() -> None:
    world = _world(not_before=NINE + DAY, expires_at=NINE + 31 * DAY)
    world.clock.advance(20 * DAY)

    await RotationReplica(world).rotated()

    made = world.version("")
    assert (made.not_before, made.expires_at) == (NINE + 20 * DAY, NINE + 50 * DAY)


async def test_a_version_that_is_not_valid_yet_stops_the_plan_and_the_rotation() -> None:
    world = _world(not_before=NINE + DAY)

    plan = await _plan(world)
    rotation = await RotationReplica(world).rotated()

    assert plan.is_blocked
    assert "isn't valid until 3 Mar 2026, 09:00 UTC (its nbf)" in words_of(plan.faults[0])
    assert rotation.state is RotationState.ROLLED_BACK
    assert "isn't valid until" in words_of(rotation.failure)
    assert world.issuer.calls == []


async def test_an_expiry_before_creation_stops_it_unless_the_policy_has_a_max_age() -> None:
    world, with_age = _world(expires_at=NINE), _world(expires_at=NINE, max_age=MONTH)

    plan = await _plan(world)
    rotation = await RotationReplica(with_age).rotated()

    assert "set max_age in the policy" in words_of(plan.faults[0])
    assert rotation.state is RotationState.OVERLAPPING
    assert with_age.version("").expires_at == NINE + MONTH


async def test_the_restored_version_has_the_old_ones_expiry_tags_and_content_type() -> None:
    world = RotationWorld(a_rotation_policy())
    world.versions.put(
        VAULT.url,
        ROTATED,
        OLD_VALUE,
        expires_at=NINE + 90 * DAY,
        content_type="password",
        tags={"owner": "payments"},
    )
    world.clock.advance(80 * DAY)
    replica = RotationReplica(world)
    world.when("perform propagate", lambda: _fail_verify(world))

    rotation = await replica.rotated()

    restored = world.version("")
    assert rotation.state is RotationState.ROLLED_BACK
    assert world.value("") == OLD_VALUE
    assert (restored.expires_at, restored.content_type) == (NINE + 90 * DAY, "password")
    assert restored.tags["owner"] == "payments"


async def test_a_rotation_after_one_that_was_rolled_back_has_the_full_lifetime_again() -> None:
    world = _world()
    world.clock.advance(80 * DAY)
    replica = RotationReplica(world)
    world.when("perform propagate", lambda: _fail_verify(world))
    await replica.rotated()

    await replica.rotated("rot-two")

    newest = world.version("")
    assert newest.created_at is not None
    assert newest.expires_at == newest.created_at + 90 * DAY


class _RegistrationWorld(RotationWorld):
    def __init__(self, **policy: timedelta) -> None:
        options = (("application", APPLICATION),)
        super().__init__(a_rotation_policy(issuer="app-registration", options=options, **policy))
        self.passwords = FakeAppPasswords()
        self.passwords.register(APPLICATION)
        old, value = self.passwords.plant(APPLICATION, "by hand")
        self.versions.put(VAULT.url, ROTATED, value.reveal(), tags={CREDENTIAL_TAG: old.key_id})
        self.passwords.usual_life = 730 * DAY
        self.passwords.clock = self.clock

    def issuers(self, crash: Crash) -> dict[str, Issuer]:
        return {
            "app-registration": AppRegistrationIssuer(self.passwords, FakeSignIns(self.passwords))
        }


async def test_a_client_secrets_own_end_is_the_expiry_of_its_version() -> None:
    world = _RegistrationWorld()

    plan = await _plan(world)
    await RotationReplica(world).rotated()

    assert plan.expiry == PlannedExpiry(None, ExpiryFrom.CREDENTIAL)
    assert world.version("").expires_at == NINE + 730 * DAY


async def test_a_max_age_shorter_than_the_client_secrets_life_holds() -> None:
    world = _RegistrationWorld(max_age=MONTH)

    await RotationReplica(world).rotated()

    assert world.version("").expires_at == NINE + MONTH


async def test_a_version_never_outlives_its_client_secret() -> None:
    world = _RegistrationWorld(max_age=1_000 * DAY)
    world.passwords.longest_life = 180 * DAY

    await RotationReplica(world).rotated()

    assert world.version("").expires_at == NINE + 180 * DAY


def _fail_verify(world: RotationWorld) -> None:
    world.versions.faults.order("read", Rejected("fake", "400"), times=1)
