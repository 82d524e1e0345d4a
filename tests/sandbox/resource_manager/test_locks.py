"""Resource locks, and a vault's permission model, as seen by Resource Manager's clients."""

import json
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient

from sandbox.roles import GET_SECRET, KEY_VAULT_READER
from sandbox.seed import BOT, DANA, DEMO_API_KEY, SUBSCRIPTION_ID, VAULT
from sandbox.stored.locks import Level, StoredLock
from tests.sandbox.conftest import Clients, error_code, inner_error
from tests.sandbox.resource_manager.test_role_assignments import NAME, OTHER_NAME, a_grant
from tests.sandbox.test_control import control
from tests.support.sandbox import Sandbox

SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION_ID}"


@pytest.fixture
async def arm(clients: Clients) -> AuthorizationManagementClient:
    return await clients.authorization(BOT.id)


@pytest.fixture
def scope(sandbox: Sandbox) -> str:
    return sandbox.seed.vault_scope(VAULT)


async def get(sandbox: Sandbox, path: str, principal: str = BOT.id) -> tuple[int, Any]:
    token = await sandbox.credential(principal).get_token("https://management.azure.com/.default")
    headers = {"Authorization": f"Bearer {token.token}"}
    async with sandbox.session.get(f"{sandbox.base_url}{path}", headers=headers) as answer:
        return answer.status, json.loads(await answer.text())


def locks_of(scope: str, query: str = "") -> str:
    return f"{scope}/providers/Microsoft.Authorization/locks?api-version=2016-09-01{query}"


def places(sandbox: Sandbox) -> list[str]:
    return [SUBSCRIPTION, sandbox.seed.group_scope, sandbox.seed.vault_scope(VAULT)]


@pytest.mark.parametrize("place", range(3))
async def test_under_a_lock_roles_can_be_assigned_but_not_removed(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str, place: int
) -> None:
    locked = places(sandbox)[place]
    sandbox.state.locks.append(StoredLock("keep", locked))
    await arm.role_assignments.create(scope, NAME, a_grant())

    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.delete(scope, NAME)

    assert refused.value.status_code == 409
    assert error_code(refused.value) == "ScopeLocked"
    assert f"following scope(s) are locked: '{locked}'" in str(refused.value)
    assert (await arm.role_assignments.get(scope, NAME)).name == NAME


async def test_a_lock_refuses_to_delete_even_what_does_not_exist(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    sandbox.state.locks.append(StoredLock("keep", scope))

    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.delete(scope, OTHER_NAME)

    assert error_code(refused.value) == "ScopeLocked"


async def test_under_a_read_only_lock_no_role_can_be_assigned(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    sandbox.state.locks.append(StoredLock("frozen", scope, Level.READ_ONLY))

    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.create(scope, NAME, a_grant())

    assert error_code(refused.value) == "ScopeLocked"
    assert "cannot perform write operation" in str(refused.value)


async def test_deletion_works_once_the_lock_is_gone(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    sandbox.state.locks.append(StoredLock("keep", scope))
    await arm.role_assignments.create(scope, NAME, a_grant())
    sandbox.state.locks.clear()

    assert await arm.role_assignments.delete(scope, NAME) is not None


async def test_a_listing_shows_locks_above_and_below_by_default(
    sandbox: Sandbox, scope: str
) -> None:
    below = f"{scope}/secrets/{DEMO_API_KEY}"
    elsewhere = sandbox.seed.site_scope("demo-app")
    for number, place in enumerate([*places(sandbox), below, elsewhere]):
        sandbox.state.locks.append(StoredLock(f"lock-{number}", place))

    _, everything = await get(sandbox, locks_of(scope))
    _, at_scope = await get(sandbox, locks_of(scope, "&$filter=atScope()"))

    assert [one["name"] for one in everything["value"]] == ["lock-0", "lock-1", "lock-2", "lock-3"]
    assert [one["name"] for one in at_scope["value"]] == ["lock-0", "lock-1", "lock-2"]
    assert everything["value"][0] == {
        "id": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/locks/lock-0",
        "name": "lock-0",
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": "CanNotDelete", "notes": ""},
    }


async def test_a_caller_without_permission_to_see_locks_is_refused(
    sandbox: Sandbox, scope: str
) -> None:
    status, _ = await get(sandbox, locks_of(scope), DANA.id)

    assert status == 403


async def test_a_vault_shows_its_permission_model(sandbox: Sandbox, scope: str) -> None:
    _, before = await get(sandbox, f"{scope}?api-version=2023-07-01")
    await control(sandbox, "PATCH", f"/vaults/{VAULT}", {"rbac": False})
    _, after = await get(sandbox, f"{scope}?api-version=2023-07-01")

    assert before["properties"]["enableRbacAuthorization"] is True
    assert after["properties"]["enableRbacAuthorization"] is False


async def test_without_the_rbac_model_roles_open_nothing(
    sandbox: Sandbox, clients: Clients
) -> None:
    secrets = await clients.secrets(BOT.id)
    sandbox.state.vaults[VAULT].rbac = False

    with pytest.raises(HttpResponseError) as refused:
        [one async for one in secrets.list_properties_of_secrets()]

    assert inner_error(refused.value) == "ForbiddenByPolicy"


async def test_without_the_rbac_model_access_policies_count(
    sandbox: Sandbox, clients: Clients
) -> None:
    vault = sandbox.state.vaults[VAULT]
    vault.rbac = False
    vault.access_policies[DANA.id] = (GET_SECRET,)
    secrets = await clients.secrets(DANA.id)

    assert (await secrets.get_secret(DEMO_API_KEY)).value


async def test_the_control_api_adds_and_removes_locks(sandbox: Sandbox, scope: str) -> None:
    status, made = await control(sandbox, "POST", "/locks", {"name": "keep", "scope": scope})
    _, state = await control(sandbox, "GET", "/state")
    await control(sandbox, "DELETE", "/locks")

    assert (status, made["id"]) == (201, StoredLock("keep", scope).id)
    assert state["locks"] == [{"name": "keep", "scope": scope, "level": "CanNotDelete"}]
    assert sandbox.state.locks == []


async def test_a_lock_with_an_unknown_level_is_refused(sandbox: Sandbox, scope: str) -> None:
    body = {"name": "keep", "scope": scope, "level": "Sometimes"}
    status, _ = await control(sandbox, "POST", "/locks", body)

    assert status == 400


def test_the_role_that_shows_secrets_also_shows_vaults() -> None:
    assert KEY_VAULT_READER.allows("Microsoft.KeyVault/vaults/read")
