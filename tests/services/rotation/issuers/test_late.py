"""Each change at an issuer gets no answer, and takes effect 5 s, 20 s or 70 s later."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from domain.rotation.rotation import RotationState
from domain.secrets import SecretValue
from services.faults import Unavailable
from services.rotation.issuers.app_registration import AppRegistrationIssuer
from services.rotation.issuers.issuer import Issuer
from services.rotation.secret_versions import CREDENTIAL_TAG
from tests.services.rotation.faults.test_late_effects import APPLICATION, AccountWorld
from tests.support.builders import HOUR, SECOND, VAULT
from tests.support.rotation.builders import DAY, ROTATED, a_rotation_policy
from tests.support.rotation.issuer_fakes import FakeSignIns
from tests.support.rotation.late_fakes import LateAppPasswords, Lateness, LateSecretVersions
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.crashing_table import Crash

Order = Callable[[Lateness, str, timedelta], None]

LANDS = pytest.mark.parametrize(
    "after", [5 * SECOND, 20 * SECOND, 70 * SECOND], ids=["5 s", "20 s", "70 s"]
)
ONCE: Order = Lateness.order
FIFTH: Order = Lateness.order_fifth


def _five_times(late: Lateness, operation: str, after: timedelta) -> None:
    late.order(operation, after, times=5)


ORDERS = pytest.mark.parametrize(
    "order", [ONCE, _five_times, FIFTH], ids=["once", "five times", "the fifth alone"]
)
REFUSED = Unavailable("Key Vault", "429", outcome_unknown=False)


class LateRegistrationWorld(RotationWorld):
    """A world with a client secret whose successors may be created and removed late."""

    def __init__(self) -> None:
        super().__init__(
            a_rotation_policy(issuer="app-registration", options=(("application", APPLICATION),))
        )
        self.late = Lateness(self.clock)
        self.passwords = LateAppPasswords(self.late)
        self.passwords.register(APPLICATION)
        self.by_hand, value = self.passwords.plant(APPLICATION, "by hand")
        self.sign_ins = FakeSignIns(self.passwords)
        self.versions = LateSecretVersions(self.clock, self.late)
        tags = {CREDENTIAL_TAG: self.by_hand.key_id}
        self.versions.put(VAULT.url, ROTATED, value.reveal(), tags=tags)

    def issuers(self, crash: Crash) -> Mapping[str, Issuer]:
        return {"app-registration": AppRegistrationIssuer(self.passwords, self.sign_ins)}

    def is_good(self) -> bool:
        """Say whether the value in the vault can be used to sign in."""
        return self.passwords.is_good(APPLICATION, SecretValue(self.value("")))


@LANDS
@ORDERS
async def test_client_secrets_created_late_leave_one_that_is_valid(
    order: Order, after: timedelta
) -> None:
    world = LateRegistrationWorld()
    order(world.late, "add", after)
    replica = RotationReplica(world)

    await replica.rotated()
    during = world.is_good()
    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert during
    assert world.is_good()
    assert world.late.has_landed_all()
    assert rotation.state in {RotationState.ROTATED, RotationState.ROLLED_BACK}
    assert len(world.passwords.key_ids(APPLICATION)) == 1


@LANDS
@ORDERS
async def test_a_client_secret_withdrawn_late_leaves_the_one_created_by_hand(
    order: Order, after: timedelta
) -> None:
    world = LateRegistrationWorld()
    world.versions.faults.order("write", REFUSED, times=5)
    world.when("undo issue", lambda: order(world.late, "remove", after))
    replica = RotationReplica(world)

    await replica.rotated()
    await replica.pass_time(6 * HOUR)

    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert world.is_good()
    assert world.late.has_landed_all()
    assert world.passwords.key_ids(APPLICATION) == {world.by_hand.key_id}


@LANDS
@ORDERS
async def test_a_client_secret_retired_late_leaves_the_new_one(
    order: Order, after: timedelta
) -> None:
    world = LateRegistrationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    made = world.passwords.key_ids(APPLICATION) - {world.by_hand.key_id}
    order(world.late, "remove", after)

    await replica.pass_time(2 * DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.is_good()
    assert world.late.has_landed_all()
    assert world.passwords.key_ids(APPLICATION) == made


@LANDS
@ORDERS
async def test_a_key_regenerated_late_is_the_one_in_the_vault(
    order: Order, after: timedelta
) -> None:
    world = AccountWorld()
    order(world.late, "regenerate", after)
    replica = RotationReplica(world)

    await replica.rotated()
    during = world.value("") in {world.key("key1"), world.key("key2")}
    await replica.pass_time(2 * DAY)

    rotation = await replica.rotation()
    assert during
    assert world.late.has_landed_all()
    assert rotation.state in {RotationState.ROTATED, RotationState.ROLLED_BACK}
    kept = "key2" if rotation.state is RotationState.ROTATED else "key1"
    assert world.value("") == world.key(kept)


@LANDS
@ORDERS
async def test_a_key_withdrawn_late_leaves_the_old_one_in_the_vault(
    order: Order, after: timedelta
) -> None:
    world = AccountWorld()
    old = world.value("")
    world.versions.faults.order("write", REFUSED, times=5)
    world.when("undo issue", lambda: order(world.late, "regenerate", after))
    replica = RotationReplica(world)

    await replica.rotated()
    await replica.pass_time(6 * HOUR)

    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert world.late.has_landed_all()
    assert old == world.value("") == world.key("key1")


@LANDS
@ORDERS
async def test_a_key_retired_late_leaves_the_new_one_in_the_vault(
    order: Order, after: timedelta
) -> None:
    world = AccountWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    old = world.key("key1")
    order(world.late, "regenerate", after)

    await replica.pass_time(2 * DAY)

    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.late.has_landed_all()
    assert world.value("") == world.key("key2")
    assert old != world.key("key1")
