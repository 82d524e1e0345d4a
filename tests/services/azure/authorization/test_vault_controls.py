"""Locks and permission models, in the less usual answers of Azure Resource Manager."""

import re
from collections.abc import AsyncIterator

import pytest

from domain.access.revocable import LockLevel, ResourceLock
from domain.secrets import Vault
from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from sandbox.seed import BOT, DANA
from services.azure.authorization.vault_controls import ArmVaultControls
from services.azure.calls.pipeline import Pipeline
from services.faults import NotPermitted, Unavailable
from tests.services.azure.conftest import answering
from tests.support.sandbox import Sandbox


@pytest.fixture
async def controls(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[ArmVaultControls]:
    controls = _of(sandbox, pipeline, BOT.id)
    yield controls
    await controls.close()


def _of(sandbox: Sandbox, pipeline: Pipeline, principal: str) -> ArmVaultControls:
    scope = f"{sandbox.base_url}/.default"
    credential = sandbox.credential(principal)
    return ArmVaultControls(credential, pipeline, endpoint=sandbox.base_url, token_scope=scope)


def _shown(scope: str, level: str) -> dict[str, object]:
    lock_id = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    return {"id": lock_id, "name": "keep", "properties": {"level": level}}


async def test_all_pages_are_read(
    sandbox: Sandbox, controls: ArmVaultControls, vault: Vault
) -> None:
    path = f"{vault.resource_id}/providers/Microsoft.Authorization/locks"
    following = f"{sandbox.base_url}{path}?api-version=2016-09-01"
    page = {"value": [_shown("/subscriptions/s", "CanNotDelete")], "nextLink": following}
    sandbox.break_next(InjectedFault("GET", re.compile("locks"), answer=Reply(200, page), times=1))

    expected = (ResourceLock("keep", LockLevel.CAN_NOT_DELETE, "/subscriptions/s"),)
    assert await controls.locks(vault.resource_id) == expected


async def test_a_lock_without_a_level_blocks_nothing(
    sandbox: Sandbox, controls: ArmVaultControls, vault: Vault
) -> None:
    page = {"value": [_shown(vault.resource_id, "NotSpecified")]}
    sandbox.break_next(InjectedFault("GET", re.compile("locks"), answer=Reply(200, page), times=1))

    assert await controls.locks(vault.resource_id) == ()


async def test_a_vault_without_a_permission_model_uses_access_policies(
    sandbox: Sandbox, controls: ArmVaultControls, vault: Vault
) -> None:
    shown = Reply(200, {"id": vault.resource_id, "properties": {}})
    sandbox.break_next(InjectedFault("GET", re.compile("vaults"), answer=shown, times=1))

    assert await controls.uses_rbac(vault.resource_id) is False


async def test_an_identity_without_roles_is_not_permitted_to_ask(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    of_dana = _of(sandbox, pipeline, DANA.id)

    with pytest.raises(NotPermitted):
        await of_dana.locks(vault.resource_id)
    with pytest.raises(NotPermitted):
        await of_dana.uses_rbac(vault.resource_id)

    await of_dana.close()


async def test_a_failing_resource_manager_does_not_mean_that_there_are_no_locks(
    sandbox: Sandbox, controls: ArmVaultControls, vault: Vault
) -> None:
    sandbox.break_next(answering(503, "ServiceUnavailable"))

    with pytest.raises(Unavailable) as failed:
        await controls.locks(vault.resource_id)

    assert failed.value.outcome_unknown is False
