"""The keys of storage accounts: how the adapter handles errors and hides values."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sandbox.calls import Reply
from sandbox.seed import BOT, DANA, STORAGE_ACCOUNT
from services.azure.calls.pipeline import Pipeline
from services.azure.storage_keys import ArmStorageKeys
from services.faults import NotPermitted, Unavailable
from tests.services.azure.conftest import a_login_page, answering
from tests.support.sandbox import Sandbox


def _keys(sandbox: Sandbox, pipeline: Pipeline, who: str = BOT.id) -> ArmStorageKeys:
    return ArmStorageKeys(
        sandbox.credential(who),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )


@pytest.fixture
async def keys(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[ArmStorageKeys]:
    keys = _keys(sandbox, pipeline)
    yield keys
    await keys.close()


@pytest.fixture
def account(sandbox: Sandbox) -> str:
    return sandbox.seed.storage_scope(STORAGE_ACCOUNT)


async def test_a_missing_permission_raises_not_permitted(
    sandbox: Sandbox, pipeline: Pipeline, account: str
) -> None:
    keys = _keys(sandbox, pipeline, DANA.id)

    for asked in (keys.read(account), keys.regenerate(account, "key1")):
        with pytest.raises(NotPermitted, match=r"^Azure Storage: 403 AuthorizationFailed$"):
            await asked
    await keys.close()


async def test_an_account_that_is_being_changed_is_unavailable(
    sandbox: Sandbox, keys: ArmStorageKeys, account: str
) -> None:
    sandbox.break_next(answering(409, "StorageAccountOperationInProgress"))

    with pytest.raises(Unavailable, match=r"409 StorageAccountOperationInProgress$"):
        await keys.regenerate(account, "key1")


async def test_a_proxys_page_is_unavailable(
    sandbox: Sandbox, keys: ArmStorageKeys, account: str
) -> None:
    sandbox.break_next(a_login_page())

    with pytest.raises(Unavailable):
        await keys.read(account)


async def test_an_old_key_without_a_creation_time_has_none(
    sandbox: Sandbox, keys: ArmStorageKeys, account: str
) -> None:
    old = {"keys": [{"keyName": "key1", "value": "x", "permissions": "FULL", "creationTime": None}]}
    sandbox.break_next(replace(answering(200, ""), answer=Reply(200, old)))

    assert (await keys.read(account))["key1"].created_at is None


async def test_no_key_is_logged_at_any_level(
    keys: ArmStorageKeys, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    before = await keys.read(account)
    await keys.regenerate(account, "key2")
    after = await keys.read(account)

    values = [key.value.reveal() for key in (*before.values(), *after.values())]
    said = caplog.text + repr(before) + repr(after)
    assert "listKeys" in caplog.text
    assert not any(value in said for value in values)
