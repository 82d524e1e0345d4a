"""Which roles a condition lets somebody assign and remove."""

import pytest

from domain.access.role_conditions import RoleAction, lets, roles_named

USER = "4633458b-17de-408a-b874-0445c86b69e6"
OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
OTHER = "00482a5a-887f-4fb3-b363-3b7fe8e74483"

WRITE = "!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})"
DELETE = "!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})"
NAMES = "Microsoft.Authorization/roleAssignments:RoleDefinitionId"
TYPES = "Microsoft.Authorization/roleAssignments:PrincipalType"
WHO = "Microsoft.Authorization/roleAssignments:PrincipalId"

BOTH_TO_USERS = f"""
(
 ({WRITE})
 OR
 (
  @Request[{NAMES}] ForAnyOfAnyValues:GuidEquals {{{USER}, {OFFICER}}}
  AND
  @Request[{TYPES}] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'User'}}
 )
)
AND
(
 ({DELETE})
 OR
 (@Resource[{NAMES}] ForAnyOfAnyValues:GuidEquals {{{USER}}})
)
"""


def to(who: str, *, values: str = "{'User'}", operator: str = "StringEquals") -> str:
    """Return a condition on what is assigned, and on nothing else."""
    return f"({WRITE}) OR (@Request[{who}] {operator} {values})"


@pytest.mark.parametrize(
    ("action", "role", "expected"),
    [
        (RoleAction.ASSIGN, USER, True),
        (RoleAction.ASSIGN, OFFICER, True),
        (RoleAction.ASSIGN, OTHER, False),
        (RoleAction.REMOVE, USER, True),
        (RoleAction.REMOVE, OFFICER, False),
    ],
)
def test_a_role_is_assigned_and_removed_as_named(
    action: RoleAction, role: str, expected: bool
) -> None:
    assert lets(BOTH_TO_USERS, action, role) is expected
    assert lets(BOTH_TO_USERS.lower(), action, role.upper()) is expected


def test_without_a_condition_all_roles_are_allowed() -> None:
    assert lets(" ", RoleAction.REMOVE, OTHER) is True


def test_what_is_allowed_for_other_principals_is_not_for_people() -> None:
    assert lets(to(TYPES, values="{'Group'}"), RoleAction.ASSIGN, USER) is False
    assert lets(to(TYPES, values="'User'"), RoleAction.ASSIGN, USER) is True


def test_all_but_some_roles_is_the_portals_way_to_exclude_privileged_ones() -> None:
    excluding = to(
        NAMES, operator="ForAnyOfAllValues:GuidNotEquals", values=f"{{{OTHER}, {OFFICER}}}"
    )

    assert lets(excluding, RoleAction.ASSIGN, USER) is True
    assert lets(excluding, RoleAction.ASSIGN, OFFICER) is False


def test_a_condition_on_another_action_does_not_matter() -> None:
    assert lets(to(NAMES, values=f"{{{OTHER}}}"), RoleAction.REMOVE, USER) is True


@pytest.mark.parametrize(
    "condition",
    [
        to(WHO, operator="ForAnyOfAnyValues:GuidEquals", values=f"{{{OTHER}}}"),
        to(TYPES, operator="StringLike", values="'U*'"),
        to("Microsoft.Authorization/roleAssignments:Unheard"),
        f"({WRITE}) OR (@Resource[{NAMES}] ForAnyOfAnyValues:GuidEquals {{{USER}}})",
        f"({WRITE}) OR (Exists @Request[{NAMES}])",
        f"({WRITE} OR (@Request[{NAMES}] GuidEquals {USER})",
        f"({WRITE}) OR",
        f"({WRITE}) OR (what is this?)",
        ")",
        f"{to(TYPES)})",
        f"{to(TYPES)} ({WRITE})",
    ],
)
def test_nothing_is_concluded_from_what_is_not_known(condition: str) -> None:
    assert lets(condition, RoleAction.ASSIGN, USER) is None


def test_what_is_not_known_does_not_change_what_is_certain() -> None:
    unknown = f"@Request[{WHO}] GuidEquals {OTHER}"
    named = f"@Request[{NAMES}] GuidEquals {USER}"

    assert lets(f"({named}) AND ({unknown})", RoleAction.ASSIGN, OTHER) is False
    assert lets(f"({named}) || ({unknown})", RoleAction.ASSIGN, USER) is True
    assert lets(f"NOT ({unknown}) && {named}", RoleAction.ASSIGN, USER) is None


def test_a_part_that_is_never_known_does_not_change_what_is_certain_either() -> None:
    named = f"@Request[{NAMES}] GuidEquals {USER}"

    assert lets(f"({named}) OR (Exists @Request[{WHO}])", RoleAction.ASSIGN, USER) is True
    assert lets(f"({named}) OR (Exists @Request[{WHO}])", RoleAction.ASSIGN, OTHER) is None


@pytest.mark.parametrize("missing", ["OR OR", "OR AND", "OR )", "OR ()"])
def test_nothing_is_concluded_if_something_is_missing_between_operators(missing: str) -> None:
    named = f"@Request[{NAMES}] GuidEquals {USER}"

    assert lets(f"({named}) {missing}", RoleAction.ASSIGN, USER) is None


def test_the_named_roles_can_be_listed() -> None:
    assert roles_named(BOTH_TO_USERS.upper()) == {USER, OFFICER}
