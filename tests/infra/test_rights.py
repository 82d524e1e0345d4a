"""The bot's own permissions: no more than it is tested with, each on a single resource."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import KEY_VAULT_SECRETS_USER
from domain.access.assignment import Assignment
from domain.access.role_conditions import RoleAction, lets
from sandbox import roles
from sandbox.roles import RoleDefinition
from sandbox.seed import BOT, DANA, VAULT, Right, default_seed
from services.azure.authorization.assignments import ArmAssignments
from services.azure.authorization.vault_controls import ArmVaultControls
from services.azure.calls.pipeline import Pipeline
from services.faults import NotPermitted
from tests.infra import bicep
from tests.support.sandbox import Sandbox, running_sandbox

STORAGE_BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
STORAGE_TABLE_DATA_CONTRIBUTOR = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
SUBSCRIPTION = "Microsoft.Resources/subscriptions"

_ASSIGNMENT = re.compile(r"resource \w+ 'Microsoft.Authorization/roleAssignments@[^']+' = {")
_ROLE = re.compile(r"'Microsoft.Authorization/roleDefinitions',\s+(?P<variable>\w+)[\s)]")


def given_by_infra() -> set[tuple[str, str]]:
    """Return each permission as the role's GUID and the type of resource it is assigned on."""
    rights = set()
    for path in sorted((bicep.INFRA / "modules").iterdir()):
        text = path.read_text(encoding="utf-8")
        for found in _ASSIGNMENT.finditer(text):
            assignment = bicep.block(text[found.start() :], "{")
            scope = bicep.members(assignment).get("scope")
            role = _ROLE.search(assignment)
            assert role
            rights.add((bicep.variables(text)[role["variable"]], _type_of_resource(text, scope)))
    return rights


def _type_of_resource(text: str, name: str | None) -> str:
    if name is None and text.count("\ntargetScope = 'subscription'\n"):
        return SUBSCRIPTION
    found = re.search(rf"^resource {name} '(?P<type>[^@]+)@", text, re.MULTILINE)
    assert found, f"{name} isn't a resource: the role would apply to the whole group"
    return found["type"]


def _type_of_scope(scope: str) -> str:
    provider, *rest = scope.partition("/providers/")[2].split("/")
    return "/".join([provider, *rest[::2]])


def condition(*granted: str) -> str:
    """Return the condition on assigning roles, with these roles filled in as Bicep does."""
    source = bicep.source("modules/vault-access.bicep")
    assert "  'GRANTED',\n  join(roleIds, ', ')\n" in source
    return source.split("'''")[1].replace("GRANTED", ", ".join(granted))


def test_the_bot_has_the_permissions_it_is_tested_with() -> None:
    tested = {
        (right.role, _type_of_scope(right.scope))
        for right in default_seed().rights
        if right.principal == BOT.id
    }

    keys = {
        (roles.STORAGE_KEY_OPERATOR.guid, "Microsoft.Storage/storageAccounts")
        for account in default_seed().storage_accounts
        if BOT.id in account.operators
    }
    # Azurite, which stores tables and files in tests, has no roles.
    container = "Microsoft.Storage/storageAccounts/blobServices/containers"
    stored = {
        (STORAGE_TABLE_DATA_CONTRIBUTOR, "Microsoft.Storage/storageAccounts"),
        (STORAGE_BLOB_DATA_CONTRIBUTOR, container),
    }
    # Not in the sandbox's seed, since its */read would hide what the bot can't read without it.
    wide = {(roles.READER.guid, SUBSCRIPTION)}
    assert tested | keys | stored | wide == given_by_infra()


def test_it_sees_a_whole_subscription_only_if_you_say_so() -> None:
    main = bicep.source("main.bicep")
    wide = [name for name, module in bicep.modules(main).items() if "subscription-" in module.path]

    assert wide == ["subscriptionReader"]
    assert main.count(" in (withSubscriptionReader ? ") == main.count("scope: subscription(") == 1
    assert "param withSubscriptionReader bool = false\n" in main


def test_the_table_of_rights_has_each_role_and_no_other() -> None:
    page = (bicep.INFRA.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    table = page.partition("## What each right is for")[2].partition("And these")[0]
    named = {
        row.partition(",")[0] for row in re.findall(r"^\| ([A-Z][^|]+) \|", table, re.MULTILINE)
    }

    known = {one.guid: one.name for one in vars(roles).values() if isinstance(one, RoleDefinition)}
    known |= {
        STORAGE_BLOB_DATA_CONTRIBUTOR: "Storage Blob Data Contributor",
        STORAGE_TABLE_DATA_CONTRIBUTOR: "Storage Table Data Contributor",
    }
    assert named - {"Role"} == {known[role] for role, _ in given_by_infra()}


def test_it_can_assign_and_remove_only_the_granted_roles_and_only_for_users() -> None:
    attribute = "[Microsoft.Authorization/roleAssignments:"
    clauses = [
        f"( ( !(ActionMatches{{'Microsoft.Authorization/roleAssignments/{action}'}}) ) OR"
        f" ( @{source}{attribute}RoleDefinitionId] ForAnyOfAnyValues:GuidEquals"
        f" {{{KEY_VAULT_SECRETS_USER}}} AND @{source}{attribute}PrincipalType]"
        " ForAnyOfAnyValues:StringEqualsIgnoreCase {'User'} ) )"
        for action, source in (("write", "Request"), ("delete", "Resource"))
    ]

    assert " ".join(condition(KEY_VAULT_SECRETS_USER).split()) == " AND ".join(clauses)


@pytest.mark.parametrize("action", RoleAction)
def test_the_condition_lets_it_assign_and_remove_each_role_of_the_rules(action: RoleAction) -> None:
    several = condition(KEY_VAULT_SECRETS_USER, roles.KEY_VAULT_SECRETS_OFFICER.guid)

    assert lets(several, action, KEY_VAULT_SECRETS_USER) is True
    assert lets(several, action, roles.KEY_VAULT_SECRETS_OFFICER.guid) is True
    assert lets(several, action, roles.KEY_VAULT_ADMINISTRATOR.guid) is False


def test_the_default_granted_role_is_the_one_it_can_assign() -> None:
    default = re.search(r"^param grantedRoleId string = '(.+)'$", bicep.source("main.bicep"), re.M)

    assert default
    assert default[1] == KEY_VAULT_SECRETS_USER
    assert "    roles: [grantedRoleId]\n" in bicep.source("main.bicep")


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A vault on which the bot can assign roles as configured by infra."""
    seed = default_seed()
    admin = roles.RBAC_ADMINISTRATOR.guid
    right = Right(
        BOT.id, admin, seed.vault_scope(VAULT), condition=condition(KEY_VAULT_SECRETS_USER)
    )
    async with running_sandbox(tmp_path, seed=replace(seed, rights=(right,))) as sandbox:
        yield sandbox


@pytest.fixture
async def assignments(limited: Sandbox) -> AsyncIterator[ArmAssignments]:
    assignments = ArmAssignments(
        limited.credential(BOT.id),
        Pipeline(limited.session),
        endpoint=limited.base_url,
        token_scope=f"{limited.base_url}/.default",
    )
    yield assignments
    await assignments.close()


async def test_it_can_really_assign_and_remove_that_role(
    limited: Sandbox, assignments: ArmAssignments
) -> None:
    wanted = Assignment(limited.seed.vault_scope(VAULT), DANA.id, KEY_VAULT_SECRETS_USER)

    await assignments.create(wanted, "a test")

    assert await assignments.delete(wanted)


async def test_it_cannot_assign_another_role(limited: Sandbox, assignments: ArmAssignments) -> None:
    other = roles.KEY_VAULT_SECRETS_OFFICER.guid
    wanted = Assignment(limited.seed.vault_scope(VAULT), DANA.id, other)

    with pytest.raises(NotPermitted):
        await assignments.create(wanted, "a test")


async def test_it_can_see_the_vaults_locks_and_permission_model(tmp_path: Path) -> None:
    seed = default_seed()
    vault = seed.vault_scope(VAULT)
    at_the_vault = {role for role, kind in given_by_infra() if kind == "Microsoft.KeyVault/vaults"}
    rights = tuple(Right(BOT.id, role, vault) for role in at_the_vault)
    async with running_sandbox(tmp_path, seed=replace(seed, rights=rights)) as sandbox:
        controls = ArmVaultControls(
            sandbox.credential(BOT.id),
            Pipeline(sandbox.session),
            endpoint=sandbox.base_url,
            token_scope=f"{sandbox.base_url}/.default",
        )

        assert await controls.locks(vault) == ()
        assert await controls.uses_rbac(vault)

        await controls.close()
