"""Microsoft Graph, for looking people up."""

from typing import Any

import pytest

from sandbox.seed import AVERY, BOT, DANA, GALE, OPERATOR, SAM, User
from tests.support.sandbox import Sandbox


async def ask(
    sandbox: Sandbox, path: str, principal: str = BOT.id, **query: str
) -> tuple[int, dict[str, Any]]:
    token = await sandbox.credential(principal).get_token("https://graph.microsoft.com/.default")
    headers = {"Authorization": f"Bearer {token.token}"}
    address = f"{sandbox.base_url}/v1.0{path}"
    async with sandbox.session.get(address, headers=headers, params=query) as answer:
        return answer.status, await answer.json()


def ids(found: dict[str, Any]) -> list[str]:
    return [one["id"] for one in found["value"]]


@pytest.mark.parametrize("key", [DANA.id, DANA.user_principal_name, "DANA@contoso.com"])
async def test_a_person_is_found_by_id_or_principal_name(sandbox: Sandbox, key: str) -> None:
    status, found = await ask(sandbox, f"/users/{key}")

    assert status == 200
    assert found == {
        "id": DANA.id,
        "displayName": "Dana Developer",
        "mail": "dana@contoso.com",
        "userPrincipalName": "dana@contoso.com",
    }


async def test_a_guest_is_found_by_mail_only_through_a_filter(sandbox: Sandbox) -> None:
    by_path, _ = await ask(sandbox, f"/users/{GALE.mail}")
    _, by_filter = await ask(sandbox, "/users", **{"$filter": f"mail eq '{GALE.mail}'"})

    assert by_path == 404
    assert ids(by_filter) == [GALE.id]


async def test_account_enabled_is_returned_when_selected(sandbox: Sandbox) -> None:
    selected = {"$select": "id,accountEnabled,userType"}
    _, dana = await ask(sandbox, f"/users/{DANA.id}", **selected)
    _, sam = await ask(sandbox, f"/users/{SAM.id}", **selected)

    assert dana == {"id": DANA.id, "accountEnabled": True, "userType": "Member"}
    assert sam == {"id": SAM.id, "accountEnabled": False, "userType": "Member"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"userPrincipalName eq '{AVERY.user_principal_name.upper()}'", [AVERY]),
        ("startswith(displayName,'Da')", [DANA]),
        ("startswith(mail, 'a') or mail eq 'dana@contoso.com'", [DANA, AVERY]),
        ("mail eq 'nobody@contoso.com'", []),
    ],
)
async def test_people_are_found_by_filters(
    sandbox: Sandbox, text: str, expected: list[User]
) -> None:
    _, found = await ask(sandbox, "/users", **{"$filter": text})

    assert ids(found) == [one.id for one in expected]


async def test_an_unsupported_filter_is_refused(sandbox: Sandbox) -> None:
    status, error = await ask(sandbox, "/users", **{"$filter": "colour eq 'red'"})

    assert status == 400
    assert error["error"]["code"] == "Request_UnsupportedQuery"


async def test_an_unknown_person_is_not_found(sandbox: Sandbox) -> None:
    status, error = await ask(sandbox, "/users/nobody@contoso.com")

    assert status == 404
    assert error["error"]["code"] == "Request_ResourceNotFound"


@pytest.mark.parametrize("principal", [OPERATOR.id, DANA.id])
async def test_looking_people_up_needs_permission(sandbox: Sandbox, principal: str) -> None:
    status, error = await ask(sandbox, "/users", principal)

    assert status == 403
    assert error["error"]["code"] == "Authorization_RequestDenied"


async def test_the_permission_can_be_removed(sandbox: Sandbox) -> None:
    sandbox.state.knobs.graph_permitted = False
    status, _ = await ask(sandbox, f"/users/{DANA.id}")

    assert status == 403


async def test_the_organization_is_the_tenant(sandbox: Sandbox) -> None:
    _, found = await ask(sandbox, "/organization")

    assert ids(found) == [sandbox.seed.tenant_id]


async def test_a_request_without_a_token_is_refused(sandbox: Sandbox) -> None:
    async with sandbox.session.get(f"{sandbox.base_url}/v1.0/users") as answer:
        assert answer.status == 401
