"""What an assignment allows a principal to do."""

from datetime import UTC, datetime

import pytest

from sandbox import roles
from sandbox.roles import (
    KEY_VAULT_READER,
    KEY_VAULT_SECRETS_USER,
    RBAC_ADMINISTRATOR,
    RoleDefinition,
)
from sandbox.stored.assignments import StoredAssignment, StoredAssignments, is_within

BOT = "bot"
VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
ONLY_WRITES = (
    "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
    f" ForAnyOfAnyValues:GuidEquals {{{KEY_VAULT_SECRETS_USER.guid}}}"
)


def assignments_with(condition: str | None) -> StoredAssignments:
    held = StoredAssignments()
    now = datetime(2026, 3, 1, tzinfo=UTC)
    held.add(
        StoredAssignment(
            "n", VAULT, BOT, "ServicePrincipal", RBAC_ADMINISTRATOR, None, condition, now, "o"
        )
    )
    return held


@pytest.mark.parametrize(
    ("condition", "action", "role", "expected"),
    [
        (None, roles.WRITE_ASSIGNMENT, KEY_VAULT_READER, True),
        (ONLY_WRITES, roles.WRITE_ASSIGNMENT, KEY_VAULT_SECRETS_USER, True),
        (ONLY_WRITES, roles.WRITE_ASSIGNMENT, KEY_VAULT_READER, False),
        (ONLY_WRITES, roles.WRITE_ASSIGNMENT, None, False),
        (ONLY_WRITES, roles.DELETE_ASSIGNMENT, KEY_VAULT_READER, True),
        (ONLY_WRITES, roles.READ_ASSIGNMENT, None, True),
    ],
)
def test_a_condition_limits_what_it_names_and_nothing_else(
    condition: str | None, action: str, role: RoleDefinition | None, expected: bool
) -> None:
    assert assignments_with(condition).permit(BOT, action, VAULT, role) == expected


@pytest.mark.parametrize(
    ("scope", "ancestor", "expected"),
    [
        (VAULT, VAULT.upper(), True),
        (f"{VAULT}/secrets/a", VAULT, True),
        (VAULT, f"{VAULT}/secrets/a", False),
        (f"{VAULT}-two", VAULT, False),
        (f"{VAULT}/secrets/ab", f"{VAULT}/secrets/a", False),
    ],
)
def test_a_scope_contains_everything_below_it(scope: str, ancestor: str, expected: bool) -> None:
    assert is_within(scope, ancestor) == expected
