"""Where access can't be granted, or can't be revoked again."""

import pytest

from domain.access.revocable import (
    LockLevel,
    ResourceLock,
    VaultSettings,
    describe_place,
    holding,
    vault_of,
    why_not_give,
)
from domain.reasons import Reason

SUBSCRIPTION = "/subscriptions/5b1c"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-demo"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-demo"
SECRET = f"{VAULT}/secrets/demo-api-key"


def a_lock(scope: str = VAULT, level: LockLevel = LockLevel.CAN_NOT_DELETE) -> ResourceLock:
    return ResourceLock("keep", level, scope)


def why(
    *locks: ResourceLock, scope: str = VAULT, allow_locked: bool = False, uses_rbac: bool = True
) -> Reason | None:
    settings = VaultSettings(tuple(locks), uses_rbac)
    return why_not_give(scope, settings, allow_locked=allow_locked)


def test_without_locks_and_with_rbac_nothing_blocks_access() -> None:
    assert why() is None


@pytest.mark.parametrize("place", [SUBSCRIPTION, GROUP, VAULT, SECRET, VAULT.upper()])
def test_a_lock_at_or_above_a_scope_applies(place: str) -> None:
    assert holding([a_lock(place)], SECRET) == [a_lock(place)]


@pytest.mark.parametrize("place", [SECRET, f"{VAULT}-too", f"{GROUP}/providers/Other/things/one"])
def test_a_lock_below_or_beside_a_scope_does_not_apply(place: str) -> None:
    assert holding([a_lock(place)], VAULT) == []


def test_a_lock_is_named_with_its_place_and_level() -> None:
    assert why(a_lock(GROUP)) == Reason(
        "locked_against_deletion", {"scope": GROUP, "lock": "keep", "level": "CanNotDelete"}
    )


def test_an_allowed_lock_does_not_block() -> None:
    assert why(a_lock(), allow_locked=True) is None


def test_the_strictest_of_several_locks_is_named() -> None:
    frozen = a_lock(GROUP, LockLevel.READ_ONLY)

    assert why(a_lock(), frozen, allow_locked=True) == Reason(
        "locked_read_only", {"scope": GROUP, "lock": "keep", "level": "ReadOnly"}
    )


def test_of_several_locks_those_that_allow_nothing_come_first() -> None:
    frozen = a_lock(GROUP, LockLevel.READ_ONLY)

    assert holding([a_lock(), frozen, a_lock(SUBSCRIPTION)], VAULT) == [
        frozen,
        a_lock(),
        a_lock(SUBSCRIPTION),
    ]


def test_a_vault_without_rbac_blocks_its_secrets_too() -> None:
    assert why(scope=SECRET, uses_rbac=False, allow_locked=True) == Reason(
        "vault_without_rbac", {"scope": VAULT}
    )


def test_unknown_settings_do_not_block() -> None:
    assert why_not_give(VAULT, VaultSettings(None, None), allow_locked=False) is None


@pytest.mark.parametrize(
    ("scope", "vault"), [(SECRET, VAULT), (VAULT, VAULT), (GROUP, GROUP), ("/vault", "/vault")]
)
def test_the_vault_of_a_scope_is_found(scope: str, vault: str) -> None:
    assert vault_of(scope) == vault


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (SUBSCRIPTION, "subscription 5b1c"),
        (GROUP, "resource group rg-demo"),
        (VAULT, "vault kv-demo"),
        (SECRET, "secret demo-api-key"),
        (f"{SECRET}/", "secret demo-api-key"),
        (f"{SUBSCRIPTION}/resourceGroups/RG-X/", "resource group RG-X"),
        ("/providers/Microsoft.Management/managementGroups/all", "scope all"),
        ("", "scope "),
    ],
)
def test_a_place_is_described_in_plain_words(scope: str, said: str) -> None:
    assert describe_place(scope) == said
