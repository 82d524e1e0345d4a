"""The bot's permissions, from Azure Resource Manager."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from domain.access.role_conditions import RoleAction, lets
from domain.secrets import Vault
from sandbox import roles
from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from sandbox.seed import APP_API_KEY, BOT, DANA, SITE, site_scope
from sandbox.stored.assignments import StoredAssignment
from services.azure.authorization.rights import ArmRights
from services.azure.calls.pipeline import Pipeline
from services.faults import NotPermitted, Unavailable
from services.ports import AssignmentUsage, Permission, missing_data
from tests.services.azure.conftest import answering
from tests.support.sandbox import Sandbox

SET = "Microsoft.KeyVault/vaults/secrets/setSecret/action"


@pytest.fixture
async def rights(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[ArmRights]:
    rights = _of(sandbox, pipeline, BOT.id)
    yield rights
    await rights.close()


def _of(sandbox: Sandbox, pipeline: Pipeline, principal: str) -> ArmRights:
    scope = f"{sandbox.base_url}/.default"
    credential = sandbox.credential(principal)
    return ArmRights(credential, pipeline, endpoint=sandbox.base_url, token_scope=scope)


async def test_a_vaults_permissions_are_those_of_each_role(rights: ArmRights, vault: Vault) -> None:
    held = await rights.held(vault.resource_id)

    administrator = Permission(actions=roles.RBAC_ADMINISTRATOR.actions)
    reader = Permission(
        actions=roles.KEY_VAULT_READER.actions, data_actions=roles.KEY_VAULT_READER.data_actions
    )
    assert set(held) == {administrator, reader}


async def test_a_secret_that_is_rotated_has_more_permissions_than_its_vault(
    rights: ArmRights, vault: Vault
) -> None:
    at_the_vault = await rights.held(vault.resource_id)
    at_the_secret = await rights.held(vault.secret_scope(APP_API_KEY))

    assert missing_data(at_the_vault, [SET]) == [SET]
    assert missing_data(at_the_secret, [SET]) == []


async def test_all_pages_are_read(sandbox: Sandbox, rights: ArmRights, vault: Vault) -> None:
    path = f"{vault.resource_id}/providers/Microsoft.Authorization/permissions"
    following = f"{sandbox.base_url}{path}?api-version=2022-04-01"
    first = Reply(200, {"value": [{"actions": ["first/*"]}], "nextLink": following})
    sandbox.break_next(InjectedFault("GET", re.compile("permissions"), answer=first, times=1))

    held = await rights.held(vault.resource_id)

    assert held[:1] == [Permission(actions=("first/*",))]
    assert len(held) == 3


async def test_the_right_to_assign_roles_comes_with_its_condition(
    rights: ArmRights, vault: Vault
) -> None:
    [found] = await rights.delegations(vault.secret_scope(APP_API_KEY))

    assert found.actions == {RoleAction.ASSIGN, RoleAction.REMOVE}
    assert lets(found.condition, RoleAction.ASSIGN, roles.KEY_VAULT_SECRETS_USER.guid) is True
    assert lets(found.condition, RoleAction.ASSIGN, roles.KEY_VAULT_ADMINISTRATOR.guid) is False


async def test_where_it_cannot_assign_roles_it_has_no_such_right(
    sandbox: Sandbox, rights: ArmRights
) -> None:
    app = site_scope(sandbox.seed.group_scope, SITE)

    assert await rights.delegations(app) == []


async def test_a_right_below_a_scope_is_none_at_it(
    sandbox: Sandbox, rights: ArmRights, vault: Vault
) -> None:
    assignments = sandbox.state.assignments
    held = assignments.same_access(vault.resource_id, BOT.id, roles.RBAC_ADMINISTRATOR)
    assert held
    assignments.remove(held, sandbox.clock())
    assignments.add(replace(held, scope=vault.secret_scope(APP_API_KEY), role=roles.OWNER))
    reader = replace(held, name=f"{held.name[:-1]}f", role=roles.READER, condition=None)
    assignments.add(reader)

    assert await rights.delegations(vault.resource_id) == []


async def test_an_identity_without_roles_is_not_permitted_to_ask(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    of_dana = _of(sandbox, pipeline, DANA.id)

    with pytest.raises(NotPermitted, match="403 AuthorizationFailed"):
        await of_dana.held(vault.resource_id)

    await of_dana.close()


async def test_a_role_has_a_name(rights: ArmRights, vault: Vault) -> None:
    role = roles.KEY_VAULT_SECRETS_USER

    assert await rights.role_name(vault.resource_id, role.guid) == role.name


async def test_a_role_that_does_not_exist_has_no_name(rights: ArmRights, vault: Vault) -> None:
    unknown = "99999999-0000-4000-8000-000000000009"

    assert await rights.role_name(vault.resource_id, unknown) is None


async def test_a_failing_resource_manager_does_not_mean_that_a_role_is_missing(
    sandbox: Sandbox, rights: ArmRights, vault: Vault
) -> None:
    sandbox.break_next(answering(503, "ServiceUnavailable"))

    with pytest.raises(Unavailable, match="503"):
        await rights.role_name(vault.resource_id, roles.KEY_VAULT_SECRETS_USER.guid)


async def test_the_assignments_of_a_subscription_are_counted(
    sandbox: Sandbox, rights: ArmRights
) -> None:
    subscription = f"/subscriptions/{sandbox.seed.subscription_id}"
    with pytest.raises(NotPermitted, match="403 AuthorizationFailed"):
        await rights.usage(subscription)
    reader = StoredAssignment(
        "66666666-0000-4000-8000-000000000006",
        subscription,
        BOT.id,
        "ServicePrincipal",
        roles.READER,
        None,
        None,
        sandbox.clock(),
        BOT.id,
    )
    sandbox.state.assignments.add(reader)

    usage = await rights.usage(subscription)

    assert usage == AssignmentUsage(len(sandbox.state.assignments.live), 4_000)
