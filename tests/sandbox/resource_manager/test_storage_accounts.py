"""The storage provider, as seen by a plain HTTP client."""

from typing import Any

import pytest

from sandbox.seed import BOT, DANA, OPERATOR, STORAGE_ACCOUNT, STORAGE_KEY, VAULT
from sandbox.snapshot import digest
from tests.sandbox.conftest import MovableClock
from tests.support.sandbox import Sandbox

VERSION = "2023-01-01"


async def ask(
    sandbox: Sandbox,
    action: str,
    body: dict[str, Any] | None = None,
    *,
    principal: str = BOT.id,
    account: str = STORAGE_ACCOUNT,
    version: str = VERSION,
) -> tuple[int, dict[str, Any]]:
    token = await sandbox.credential(principal).get_token("https://management.azure.com/.default")
    address = f"{sandbox.base_url}{sandbox.seed.storage_scope(account)}/{action}"
    headers = {"Authorization": f"Bearer {token.token}"}
    query = {"api-version": version} if version else {}
    async with sandbox.session.post(address, json=body, headers=headers, params=query) as answer:
        return answer.status, await answer.json()


async def test_both_keys_are_listed_with_their_times(sandbox: Sandbox, clock: MovableClock) -> None:
    status, found = await ask(sandbox, "listKeys")

    assert status == 200
    assert [key["keyName"] for key in found["keys"]] == ["key1", "key2"]
    assert {key["permissions"] for key in found["keys"]} == {"FULL"}
    assert all(key["creationTime"] < clock.now.isoformat() for key in found["keys"])


async def test_a_regenerated_key_has_a_new_value_and_time(
    sandbox: Sandbox, clock: MovableClock
) -> None:
    _, before = await ask(sandbox, "listKeys")
    status, after = await ask(sandbox, "regenerateKey", {"keyName": "key2"})

    assert status == 200
    assert after["keys"][0] == before["keys"][0]
    assert before["keys"][1]["value"] != after["keys"][1]["value"]
    assert after["keys"][1]["creationTime"] == clock.now.isoformat()


async def test_the_vault_holds_the_first_key(sandbox: Sandbox) -> None:
    _, found = await ask(sandbox, "listKeys")

    assert (
        sandbox.state.vaults[VAULT].secrets[STORAGE_KEY].current.value
        == (found["keys"][0]["value"])
    )


@pytest.mark.parametrize("body", [{"keyName": "key3"}, {}, None])
async def test_an_unknown_key_is_refused(sandbox: Sandbox, body: dict[str, Any] | None) -> None:
    status, error = await ask(sandbox, "regenerateKey", body)

    assert status == 400
    assert error["error"]["code"] == "InvalidValuesForRequestParameters"


@pytest.mark.parametrize("action", ["listKeys", "regenerateKey"])
async def test_the_keys_need_a_role(sandbox: Sandbox, action: str) -> None:
    status, error = await ask(sandbox, action, {"keyName": "key1"}, principal=DANA.id)

    assert status == 403
    assert error["error"]["code"] == "AuthorizationFailed"


async def test_an_unknown_account_is_not_found(sandbox: Sandbox) -> None:
    status, error = await ask(sandbox, "listKeys", account="nosuch", principal=OPERATOR.id)

    assert status == 404
    assert error["error"]["code"] == "ResourceNotFound"


async def test_an_api_version_is_required(sandbox: Sandbox) -> None:
    status, error = await ask(sandbox, "listKeys", version="")

    assert status == 400
    assert error["error"]["code"] == "MissingApiVersionParameter"


async def test_the_page_shows_slots_and_times_but_no_value(
    sandbox: Sandbox, clock: MovableClock
) -> None:
    await ask(sandbox, "regenerateKey", {"keyName": "key2"})
    keys = sandbox.state.storage_accounts[STORAGE_ACCOUNT].keys
    shown = sandbox.snapshot()["storage_accounts"][0]

    assert shown["name"] == STORAGE_ACCOUNT
    assert shown["keys"][1] == {
        "name": "key2",
        "created": clock.now.isoformat(),
        "value_sha256": digest(keys["key2"].value),
    }
    assert not any(key.value in str(sandbox.snapshot()) for key in keys.values())
