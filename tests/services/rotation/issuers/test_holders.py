"""Which other secrets hold a storage account's key."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import RotationState
from domain.secrets import SecretValue
from services.faults import NotPermitted
from services.rotation.holders import KeyHolders
from services.rotation.issuers.issuer import Issuer
from services.rotation.issuers.storage_account import NAME as STORAGE_ACCOUNT
from services.rotation.issuers.storage_account import StorageAccountIssuer
from services.rotation.secret_versions import CREDENTIAL_TAG
from services.rotation.step import NotYet
from tests.services.rotation.test_overlap import SlotWorld
from tests.support.builders import ADA, VAULT
from tests.support.clock import ManualClock
from tests.support.refusing import words_of
from tests.support.rotation.builders import DAY, ROTATED, a_rotation, a_rotation_policy, rotating
from tests.support.rotation.crashing_fakes import CrashingStorageKeys
from tests.support.rotation.fakes import FakeSecretVersions
from tests.support.rotation.replica import RotationReplica
from tests.support.tables.crashing_table import Crash

ACCOUNT = (("account", "/subscriptions/S/resourceGroups/G/providers/X/storageAccounts/one"),)
KEY = SecretValue("bm90IGEga2V5")


def _policies() -> tuple[RotationPolicy, ...]:
    other = a_rotation_policy(secret="reports", issuer="storage-account", options=ACCOUNT)
    return a_rotation_policy(), other, a_rotation_policy(secret="unrelated")


@pytest.fixture
def versions() -> FakeSecretVersions:
    versions = FakeSecretVersions(ManualClock())
    versions.put(VAULT.url, ROTATED, KEY.reveal())
    versions.put(VAULT.url, "unrelated", "something else")
    return versions


async def _holders(versions: FakeSecretVersions) -> tuple[str, ...]:
    rotation = a_rotation()
    return await KeyHolders(versions, rotating(*_policies()))(rotation, "key2", KEY)


async def test_a_key_is_found_in_any_form_that_another_secret_holds(
    versions: FakeSecretVersions,
) -> None:
    versions.put(VAULT.url, "reports", f"AccountName=one;AccountKey={KEY.reveal()}")

    assert await _holders(versions) == ("reports",)


async def test_the_secret_that_is_rotated_does_not_count(versions: FakeSecretVersions) -> None:
    versions.put(VAULT.url, "reports", "another key")

    assert await _holders(versions) == ()


async def test_an_unreadable_secret_of_another_account_is_not_reported(
    versions: FakeSecretVersions,
) -> None:
    versions.put(VAULT.url, "reports", "unreadable", tags={CREDENTIAL_TAG: "key2"})
    versions.faults.order("current", NotPermitted("fake", "403"), times=9)

    assert await _holders(versions) == ()


async def test_nothing_is_said_while_nobody_can_say_which_secrets_are_rotated(
    versions: FakeSecretVersions,
) -> None:
    policies = rotating()
    policies.put_in_force(replace(policies.in_force, stand_in=True))

    with pytest.raises(NotYet, match="rules_not_known"):
        await KeyHolders(versions, policies)(a_rotation(), "key2", KEY)


class SharedKeyWorld(SlotWorld):
    """A world in which another secret, whose password is rotated, contains the key in use."""

    def __init__(self) -> None:
        super().__init__()
        policy = self.policies.rotation_of(ROTATED) or a_rotation_policy()
        self.rotate_by(policy, a_rotation_policy(secret="app-config"))
        self.configure(self.key("key1"))

    def configure(self, key: str) -> None:
        self.versions.put(VAULT.url, "app-config", f"Password=p;AccountKey={key}")

    def issuers(self, crash: Crash) -> Mapping[str, Issuer]:
        holders = KeyHolders(self.versions, self.policies)
        keys = CrashingStorageKeys(self.keys, crash)
        return {STORAGE_ACCOUNT: StorageAccountIssuer(keys, holders)}


async def test_an_admin_is_asked_before_the_old_key_is_taken_from_another_secret() -> None:
    world = SharedKeyWorld()
    replica = RotationReplica(world)
    shared = world.key("key1")

    await replica.rotated()
    await replica.pass_time(2 * DAY)
    helpless, kept = await replica.rotation(), world.key("key1")
    world.configure(world.key("key2"))
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    said = words_of(helpless.records[-1].note)
    assert said == "stdemo: key1 would be regenerated, but another secret holds it: app-config"
    assert kept == shared
    assert (await replica.rotation()).state is RotationState.ROTATED
    assert world.key("key1") != shared
