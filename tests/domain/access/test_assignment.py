"""The ID of an assignment, used to find it again."""

from dataclasses import replace

import pytest

from domain.access.assignment import (
    Assignment,
    description_start,
    is_described_as,
    is_described_as_ours,
    is_within,
)

ONE = Assignment(
    scope="/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
    principal_id="11111111-0000-4000-8000-000000000001",
    role="4633458b-17de-408a-b874-0445c86b69e6",
)


def test_the_id_never_changes() -> None:
    # Existing assignments in Azure have this ID: with another one they would never be deleted.
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
def test_a_different_scope_principal_or_role_has_a_different_id(another: Assignment) -> None:
    assert ONE.id != another.id


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Latchkey req-7f3k2m9abc: access to demo-api-key, expires 2026-03-02T11:00:00Z", True),
        ("Latchkey req-one: anything", True),
        ("Latchkey rot-7f3k2m9abc: no request", False),
        ("see Latchkey req-7f3k2m9abc: given by hand", False),
        ("Latchkey", False),
        ("", False),
    ],
)
def test_a_description_is_ours_if_it_names_a_request(description: str, expected: bool) -> None:
    assert is_described_as_ours(description) is expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (ONE.scope, True),
        (f"{ONE.scope.upper()}/", True),
        (f"{ONE.scope}/secrets/demo-api-key", True),
        (f"{ONE.scope}-two", False),
        ("/subscriptions/s", False),
    ],
)
def test_a_scope_is_within_itself_and_every_scope_above(scope: str, expected: bool) -> None:
    assert is_within(scope, ONE.scope) is expected


@pytest.mark.parametrize("scope", ["/subscriptions/s/", "/SUBSCRIPTIONS/S/"])
def test_a_slash_at_the_end_of_the_outer_scope_changes_nothing(scope: str) -> None:
    assert is_within(ONE.scope, scope)
    assert not is_within("/subscriptions/s-two", scope)
    assert is_within(
        "/subscriptions/s/resourceGroups/RG-X/a", "/subscriptions/s/resourceGroups/RG-X/"
    )


def test_a_description_belongs_to_the_one_request_it_names() -> None:
    description = f"{description_start('req-one')} access to demo-api-key"

    assert is_described_as(description, "req-one")
    assert not is_described_as(description, "req-on")
