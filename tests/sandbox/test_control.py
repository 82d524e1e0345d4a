"""The sandbox's control API."""

import json
from typing import Any

import pytest

from sandbox.seed import APP_API_KEY, DANA, DEMO_API_KEY, OPERATOR, VAULT
from sandbox.snapshot import digest
from tests.sandbox.conftest import MovableClock
from tests.support.sandbox import Sandbox


async def control(
    sandbox: Sandbox, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, Any]:
    address = f"{sandbox.base_url}/sandbox{path}"
    async with sandbox.session.request(method, address, json=body) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


def values(sandbox: Sandbox) -> list[str]:
    secrets = sandbox.state.vaults[VAULT].secrets.values()
    return [version.value for secret in secrets for version in secret.versions]


async def test_the_state_shows_no_value(sandbox: Sandbox) -> None:
    _, state = await control(sandbox, "GET", "/state")
    text = json.dumps(state)

    assert not any(value in text for value in values(sandbox))
    assert digest(values(sandbox)[0]) in text


async def test_the_state_shows_what_exists(sandbox: Sandbox, clock: MovableClock) -> None:
    _, state = await control(sandbox, "GET", "/state")
    secrets = {one["name"]: one for one in state["vaults"][0]["secrets"]}
    settings = {one["key"]: one for one in state["sites"][0]["settings"]}

    assert state["now"] == clock.now.isoformat()
    assert [one["current"] for one in secrets[DEMO_API_KEY]["versions"]] == [True, False]
    assert settings["API_KEY"]["kind"] == "literal"
    assert settings["DB_PASSWORD"]["status"] == "Resolved"
    assert state["readers"][0] == {"id": DANA.id, "name": DANA.display_name, "reads": []}
    assert "latchkey-bot" in {one["principal_name"] for one in state["role_assignments"]}


async def test_a_literal_copy_has_the_digest_of_its_secret(sandbox: Sandbox) -> None:
    _, state = await control(sandbox, "GET", "/state")
    secrets = {one["name"]: one for one in state["vaults"][0]["secrets"]}
    literal = state["sites"][0]["settings"][0]

    assert secrets[APP_API_KEY]["versions"][0]["value_sha256"] == literal["seen_sha256"]


async def test_a_reset_recreates_everything_with_new_values(sandbox: Sandbox) -> None:
    before = values(sandbox)
    sandbox.state.knobs.graph_permitted = False
    status, _ = await control(sandbox, "POST", "/reset")

    assert status == 204
    assert len(values(sandbox)) == len(before)
    assert set(before).isdisjoint(values(sandbox))
    assert sandbox.state.knobs.graph_permitted


async def test_the_log_can_be_read_and_cleared(sandbox: Sandbox) -> None:
    async with sandbox.session.get(f"{sandbox.base_url}/secrets/x?api-version=7.4"):
        _, log = await control(sandbox, "GET", "/requests")
    await control(sandbox, "DELETE", "/requests")
    _, empty = await control(sandbox, "GET", "/requests")

    assert [
        (one["method"], one["path"], one["query"], one["status"], one["principal"])
        for one in log["requests"]
    ] == [("GET", "/secrets/x", "api-version=7.4", 401, None)]
    assert empty == {"requests": []}


async def test_knobs_can_be_set(sandbox: Sandbox) -> None:
    status, knobs = await control(sandbox, "PATCH", "/knobs", {"propagation_seconds": 300})

    assert status == 200
    assert knobs["propagation_seconds"] == 300
    assert sandbox.state.knobs.propagation.total_seconds() == 300


@pytest.mark.parametrize(
    "wrong", [{"volume": 11}, {"latency_seconds": "1"}, {"graph_permitted": 1}]
)
async def test_invalid_knobs_are_refused(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    status, _ = await control(sandbox, "PATCH", "/knobs", wrong)

    assert status == 400


async def test_an_account_can_be_disabled(sandbox: Sandbox) -> None:
    status, user = await control(sandbox, "PUT", f"/users/{DANA.id}", {"account_enabled": False})

    assert status == 200
    assert not user["account_enabled"]
    assert user["display_name"] == DANA.display_name


async def test_a_person_can_be_added(sandbox: Sandbox) -> None:
    new = {
        "display_name": "Nadia New",
        "user_principal_name": "nadia@contoso.com",
        "mail": "nadia@contoso.com",
    }
    key = "20000000-0000-4000-8000-000000000099"
    incomplete, _ = await control(sandbox, "PUT", f"/users/{key}", {"mail": "x"})
    status, user = await control(sandbox, "PUT", f"/users/{key}", new)

    assert incomplete == 400
    assert status == 200
    assert user["id"] == key
    assert sandbox.state.directory.type_of(key) == "User"


async def test_replication_can_be_delayed(sandbox: Sandbox) -> None:
    await control(sandbox, "PUT", f"/replication/{DANA.id}", {"attempts": 1})
    directory = sandbox.state.directory

    assert [directory.has_reached_azure(DANA.id) for _ in range(2)] == [False, True]


@pytest.mark.parametrize("principal", [OPERATOR.id, DANA.id, DANA.user_principal_name])
async def test_a_token_is_issued_for_anyone(sandbox: Sandbox, principal: str) -> None:
    _, token = await control(
        sandbox,
        "POST",
        "/token",
        {"principal": principal, "resource": "https://vault.azure.net"},
    )
    caller = sandbox.state.tokens.read(token["access_token"], ("https://vault.azure.net",))

    assert caller is not None
    assert caller.principal_id in {OPERATOR.id, DANA.id}


async def test_no_token_is_issued_for_an_unknown_principal(sandbox: Sandbox) -> None:
    status, _ = await control(
        sandbox, "POST", "/token", {"principal": "nobody", "resource": "https://vault.azure.net"}
    )

    assert status == 400


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/sandbox/page.css", "text/css"),
        ("/sandbox/page.js", "text/javascript"),
    ],
)
async def test_the_page_is_served(sandbox: Sandbox, path: str, content_type: str) -> None:
    async with sandbox.session.get(f"{sandbox.base_url}{path}") as answer:
        text = await answer.text()

    assert answer.content_type == content_type
    assert text


async def test_the_page_can_be_opened_without_trusting_our_certificate(sandbox: Sandbox) -> None:
    async with sandbox.session.get(sandbox.endpoints.page_url) as answer:
        text = await answer.text()

    assert sandbox.endpoints.page_url.startswith("http://127.0.0.1:")
    assert "<title>Local Azure</title>" in text


async def test_an_unknown_path_is_not_found(sandbox: Sandbox) -> None:
    status, _ = await control(sandbox, "GET", "/nonesuch")

    assert status == 404
