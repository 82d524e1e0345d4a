"""What a set of permissions allows."""

from services.ports import Permission, missing, missing_data

WRITE = "Microsoft.Authorization/roleAssignments/write"


def test_patterns_are_matched_without_regard_to_case() -> None:
    assert Permission(actions=("microsoft.authorization/*",)).allows(WRITE)


def test_what_a_role_takes_back_it_does_not_allow() -> None:
    contributor = Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/write",))

    assert missing([contributor], [WRITE]) == [WRITE]


def test_what_one_role_takes_back_another_may_allow() -> None:
    contributor = Permission(actions=("*",), not_actions=("Microsoft.Authorization/*/write",))
    administrator = Permission(actions=(WRITE,))

    assert missing([contributor, administrator], [WRITE]) == []


def test_a_right_to_manage_is_no_right_to_data() -> None:
    owner = Permission(actions=("*",))
    get = "Microsoft.KeyVault/vaults/secrets/getSecret/action"

    assert missing_data([owner], [get]) == [get]


def test_data_that_a_role_takes_back_is_missing() -> None:
    get = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    role = Permission(data_actions=("*",), not_data_actions=(get,))

    assert missing_data([role], [get]) == [get]
