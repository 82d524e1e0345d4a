"""Which other secrets hold a storage account's key."""

from dataclasses import replace

import pytest

from domain.rotation.policy import RotationPolicy
from domain.secrets import SecretValue
from services.faults import NotPermitted
from services.rotation.holders import KeyHolders
from services.rotation.secret_versions import CREDENTIAL_TAG
from services.rotation.step import NotYet
from tests.support.builders import VAULT
from tests.support.clock import ManualClock
from tests.support.rotation_builders import ROTATED, a_rotation, a_rotation_policy, rotating
from tests.support.rotation_fakes import FakeSecretVersions

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
