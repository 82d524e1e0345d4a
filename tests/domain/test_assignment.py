"""The id of an assignment, by which it is found again."""

from dataclasses import replace

import pytest

from domain.assignment import Assignment

ONE = Assignment(
    scope="/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
    principal_id="11111111-0000-4000-8000-000000000001",
    role="4633458b-17de-408a-b874-0445c86b69e6",
)


def test_the_id_never_changes() -> None:
    # Assignments that exist in Azure lie under it: with another id they would never be deleted.
    assert ONE.id == "977e00a1-fb63-56d6-b770-082c6ec53e2c"


def test_the_id_does_not_depend_on_case() -> None:
    shouted = Assignment(ONE.scope.upper(), ONE.principal_id.upper(), ONE.role.upper())

    assert ONE.id == shouted.id


@pytest.mark.parametrize(
    "another",
    [
        replace(ONE, scope=f"{ONE.scope}/secrets/demo-api-key"),
        replace(ONE, principal_id="11111111-0000-4000-8000-000000000002"),
        replace(ONE, role="b86a8fe4-44ce-4948-aee5-eccb2c155cd7"),
    ],
)
def test_another_triple_has_another_id(another: Assignment) -> None:
    assert ONE.id != another.id
