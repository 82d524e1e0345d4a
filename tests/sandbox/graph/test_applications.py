"""App registrations and their client secrets, as shown by Graph."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sandbox.seed import APP_IDENTITY, BOT, DANA, PARTNER_APPLICATION, PARTNER_CLIENT_SECRET, VAULT
from sandbox.snapshot import digest
from tests.sandbox.conftest import MovableClock
from tests.support.sandbox import Sandbox

KEY = PARTNER_APPLICATION.id


async def ask(
    sandbox: Sandbox,
    method: str,
    path: str = "",
    body: dict[str, Any] | None = None,
    *,
    principal: str = BOT.id,
    key: str = KEY,
    select: str = "",
) -> tuple[int, Any]:
    token = await sandbox.credential(principal).get_token("https://graph.microsoft.com/.default")
    headers = {"Authorization": f"Bearer {token.token}"}
    address = f"{sandbox.base_url}/v1.0/applications/{key}{path}"
    query = {"$select": select} if select else {}
    async with sandbox.session.request(
        method, address, json=body, headers=headers, params=query
    ) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


async def add(sandbox: Sandbox, **wanted: str) -> dict[str, Any]:
    status, made = await ask(sandbox, "POST", "/addPassword", {"passwordCredential": wanted})
    assert status == 200
    return dict(made)


async def test_an_application_shows_its_client_secrets_without_values(sandbox: Sandbox) -> None:
    made = await add(sandbox, displayName="ours")
    _, found = await ask(sandbox, "GET", select="passwordCredentials")

    by_hand, ours = found["passwordCredentials"]
    assert by_hand["displayName"] == "made by hand"
    assert ours == {**made, "secretText": None}


async def test_all_fields_of_an_application_are_shown_without_select(sandbox: Sandbox) -> None:
    status, found = await ask(sandbox, "GET", key=KEY.upper())

    assert status == 200
    assert found["id"] == KEY
    assert found["appId"] == PARTNER_APPLICATION.client_id
    assert found["displayName"] == PARTNER_APPLICATION.display_name


async def test_a_new_client_secret_shows_its_value_once_and_lasts_two_years(
    sandbox: Sandbox, clock: MovableClock
) -> None:
    made = await add(sandbox, displayName="ours")
    kept = sandbox.state.applications[KEY].passwords[-1]

    assert kept.value == made["secretText"]
    assert made["secretText"].startswith(made["hint"])
    assert len(made["hint"]) == 3
    assert kept.end == clock.now + timedelta(days=730)


async def test_its_times_can_be_chosen(sandbox: Sandbox) -> None:
    made = await add(
        sandbox, startDateTime="2027-01-01T00:00:00Z", endDateTime="2027-06-01T00:00:00"
    )

    assert made["startDateTime"] == "2027-01-01T00:00:00Z"
    assert made["endDateTime"] == "2027-06-01T00:00:00Z"


@pytest.mark.parametrize("end", ["2020-01-01T00:00:00Z", "soon"])
async def test_invalid_times_are_refused(sandbox: Sandbox, end: str) -> None:
    wanted = {"passwordCredential": {"endDateTime": end}}
    status, error = await ask(sandbox, "POST", "/addPassword", wanted)

    assert status == 400
    assert error["error"]["code"] == "Request_BadRequest"


async def test_a_client_secret_can_be_removed_once(sandbox: Sandbox) -> None:
    made = await add(sandbox)
    body = {"keyId": made["keyId"].upper()}
    first, _ = await ask(sandbox, "POST", "/removePassword", body)
    second, error = await ask(sandbox, "POST", "/removePassword", body)

    assert first == 204
    assert second == 400
    assert error["error"]["code"] == "Request_BadRequest"
    assert error["error"]["message"].startswith("No password credential found with keyId")
    assert [one.display_name for one in sandbox.state.applications[KEY].passwords] == [
        "made by hand"
    ]


async def test_an_id_is_never_reused(sandbox: Sandbox) -> None:
    first = await add(sandbox)
    await ask(sandbox, "POST", "/removePassword", {"keyId": first["keyId"]})
    second = await add(sandbox)

    assert first["keyId"] != second["keyId"]


async def test_an_unknown_application_is_not_found(sandbox: Sandbox) -> None:
    status, error = await ask(sandbox, "GET", key="nosuch")

    assert status == 404
    assert error["error"]["code"] == "Request_ResourceNotFound"


@pytest.mark.parametrize("principal", [DANA.id, APP_IDENTITY.id])
async def test_an_application_is_not_open_to_everyone(sandbox: Sandbox, principal: str) -> None:
    status, error = await ask(sandbox, "GET", principal=principal)

    assert status == 403
    assert error["error"]["code"] == "Authorization_RequestDenied"


async def test_permission_for_owned_applications_does_not_cover_others(sandbox: Sandbox) -> None:
    sandbox.state.applications[KEY].owners = ()
    reading, _ = await ask(sandbox, "GET")
    as_another, _ = await ask(sandbox, "POST", "/addPassword", {})
    bot = sandbox.state.directory.service_principals[BOT.id]
    everything = replace(bot, graph_permissions=("Application.ReadWrite.All",))
    sandbox.state.directory.service_principals[BOT.id] = everything
    as_administrator, _ = await ask(sandbox, "POST", "/addPassword", {})

    assert reading == 200
    assert as_another == 403
    assert as_administrator == 200


async def test_the_owners_are_listed(sandbox: Sandbox) -> None:
    status, found = await ask(sandbox, "GET", "/owners")

    assert status == 200
    assert [one["id"] for one in found["value"]] == [BOT.id]


async def test_a_request_without_a_token_is_refused(sandbox: Sandbox) -> None:
    async with sandbox.session.get(f"{sandbox.base_url}/v1.0/applications/{KEY}") as answer:
        assert answer.status == 401


async def test_the_page_shows_names_but_no_values_or_hints(sandbox: Sandbox) -> None:
    held = sandbox.state.applications[KEY].passwords[0]
    shown = sandbox.snapshot()["applications"][0]

    assert [one["name"] for one in shown["passwords"]] == ["made by hand"]
    assert shown["passwords"][0]["value_sha256"] == digest(held.value)
    assert held.value == sandbox.state.vaults[VAULT].secrets[PARTNER_CLIENT_SECRET].current.value
    assert held.value not in str(sandbox.snapshot())
    assert "hint" not in shown["passwords"][0]
