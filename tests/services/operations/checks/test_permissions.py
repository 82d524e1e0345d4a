"""What a set of role permissions allows."""

from services.ports import Permission, missing, missing_data

WRITE = "Microsoft.Authorization/roleAssignments/write"


def test_patterns_ignore_case() -> None:
    assert Permission(actions=("microsoft.authorization/*",)).allows(WRITE)


def test_not_actions_are_not_allowed() -> None:
    contributor = Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/write",))

    assert missing([contributor], [WRITE]) == [WRITE]


def test_not_actions_of_one_role_may_be_allowed_by_another() -> None:
    contributor = Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/write",))
    administrator = Permission(actions=(WRITE,))

    assert missing([contributor, administrator], [WRITE]) == []


def test_management_actions_do_not_include_data_actions() -> None:
    owner = Permission(actions=("*",))
    get = "Microsoft.KeyVault/vaults/secrets/getSecret/action"

    assert missing_data([owner], [get]) == [get]


def test_not_data_actions_are_missing() -> None:
    get = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    role = Permission(data_actions=("*",), not_data_actions=(get,))

    assert missing_data([role], [get]) == [get]
