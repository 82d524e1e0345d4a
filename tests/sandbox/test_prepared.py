"""What the page has buttons for: each is switched on, has its effect on clients, and goes off."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.web.models import StringDictionary

from sandbox.prepared import BY_KEY, PREPARED
from sandbox.seed import BOT, RESOURCE_GROUP, SITE, VAULT
from sandbox.state import Knobs
from tests.sandbox.conftest import Clients, error_code
from tests.sandbox.resource_manager.test_role_assignments import NAME, a_grant
from tests.sandbox.test_control import control
from tests.support.sandbox import Sandbox


@pytest.fixture
async def arm(clients: Clients) -> AuthorizationManagementClient:
    return await clients.authorization(BOT.id)


@pytest.fixture
def scope(sandbox: Sandbox) -> str:
    return sandbox.seed.vault_scope(VAULT)


async def switch(sandbox: Sandbox, key: str, *, on: bool = True) -> int:
    status, _ = await control(sandbox, "POST" if on else "DELETE", f"/prepared/{key}")
    return status


async def are_on(sandbox: Sandbox) -> list[str]:
    _, state = await control(sandbox, "GET", "/state")
    return [one["key"] for one in state["prepared"] if one["on"]]


@pytest.mark.parametrize("key", [one.key for one in PREPARED])
async def test_each_is_switched_on_and_off_and_leaves_nothing(sandbox: Sandbox, key: str) -> None:
    for _ in range(2):  # a second press changes nothing
        assert await switch(sandbox, key) == 204
        assert await are_on(sandbox) == [key]
        assert len(sandbox.state.faults.pending) == len(BY_KEY[key].faults)
        assert len(sandbox.state.locks) <= 1

    assert await switch(sandbox, key, on=False) == 204
    assert await are_on(sandbox) == []
    assert (sandbox.state.faults.pending, sandbox.state.locks) == ([], [])
    assert sandbox.state.knobs == Knobs()


async def test_each_has_a_title_of_its_own_and_says_what_people_then_see() -> None:
    assert len({one.title for one in PREPARED}) == len(PREPARED)
    assert all(one.effect.endswith(".") for one in PREPARED)


async def test_switching_one_off_leaves_what_others_ordered(sandbox: Sandbox, scope: str) -> None:
    order: dict[str, Any] = {"method": "PUT", "path": "/config/appsettings", "status": 500}
    await control(sandbox, "POST", "/faults", order)
    await control(sandbox, "POST", "/locks", {"name": "theirs", "scope": scope})
    for one in PREPARED:
        await switch(sandbox, one.key)
        await switch(sandbox, one.key, on=False)

    assert len(sandbox.state.faults.pending) == 1
    assert [one.name for one in sandbox.state.locks] == ["theirs"]


async def test_a_key_that_does_not_exist_is_refused(sandbox: Sandbox) -> None:
    assert await switch(sandbox, "meteorite") == 400
    assert await switch(sandbox, "meteorite", on=False) == 400


async def test_one_change_of_app_settings_is_refused_and_the_next_is_made(
    sandbox: Sandbox, clients: Clients
) -> None:
    web = await clients.web(BOT.id)
    await switch(sandbox, "settings-refused")
    changed = StringDictionary(properties={"API_KEY": "new"})

    with pytest.raises(HttpResponseError) as refused:
        await web.web_apps.update_application_settings(RESOURCE_GROUP, SITE, changed)

    assert (refused.value.status_code, error_code(refused.value)) == (409, "ScopeLocked")
    assert await are_on(sandbox) == []
    await web.web_apps.update_application_settings(RESOURCE_GROUP, SITE, changed)


async def test_a_grant_without_an_answer_is_made(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    await switch(sandbox, "grant-unanswered")

    with pytest.raises(HttpResponseError) as lost:
        await arm.role_assignments.create(scope, NAME, a_grant())

    assert lost.value.status_code == 504
    assert await are_on(sandbox) == []
    assert sandbox.state.assignments.get(scope, NAME) is not None


async def test_access_stays_until_deletions_are_let_through_again(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    await switch(sandbox, "revocation-refused")
    for _ in range(3):
        with pytest.raises(HttpResponseError):
            await arm.role_assignments.delete(scope, NAME)

    assert await are_on(sandbox) == ["revocation-refused"]
    await switch(sandbox, "revocation-refused", on=False)
    await arm.role_assignments.delete(scope, NAME)
    assert sandbox.state.assignments.get(scope, NAME) is None


async def test_a_locked_vault_keeps_its_assignments(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    await switch(sandbox, "vault-locked")

    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.delete(scope, NAME)

    assert error_code(refused.value) == "ScopeLocked"
    assert await are_on(sandbox) == ["vault-locked"]
