"""A caller's permissions, as seen by azure-mgmt-authorization."""

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import Permission

from sandbox import roles
from sandbox.seed import APP_API_KEY, BOT, DANA, DEMO_API_KEY, RESOURCE_GROUP, VAULT
from tests.sandbox.conftest import Clients, error_code


async def _held(
    arm: AuthorizationManagementClient, kind: str = "vaults", name: str = VAULT, parent: str = ""
) -> list[Permission]:
    listing = arm.permissions.list_for_resource(
        RESOURCE_GROUP, "Microsoft.KeyVault", parent, kind, name
    )
    return [one async for one in listing]


async def test_each_of_the_callers_roles_is_listed_with_its_actions(clients: Clients) -> None:
    held = await _held(await clients.authorization(BOT.id))

    assert {tuple(one.actions or ()) for one in held} == {
        roles.KEY_VAULT_READER.actions,
        roles.RBAC_ADMINISTRATOR.actions,
    }


async def test_permissions_at_one_secret_are_listed_only_there(clients: Clients) -> None:
    arm = await clients.authorization(BOT.id)
    rotated = await _held(arm, "secrets", APP_API_KEY, f"vaults/{VAULT}")
    other = await _held(arm, "secrets", DEMO_API_KEY, f"vaults/{VAULT}")

    assert _data(rotated) - _data(other) == {roles.KEY_VAULT_SECRETS_OFFICER.data_actions}


def _data(held: list[Permission]) -> set[tuple[str, ...]]:
    return {tuple(one.data_actions or ()) for one in held}


async def test_a_caller_without_any_role_there_is_refused(clients: Clients) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await _held(await clients.authorization(DANA.id))

    assert refused.value.status_code == 403
    assert error_code(refused.value) == "AuthorizationFailed"
