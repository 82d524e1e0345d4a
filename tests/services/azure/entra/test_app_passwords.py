"""Client secrets of app registrations: how the adapter handles errors and hides values."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.calls import Reply
from sandbox.faults import InjectedFault, When
from sandbox.seed import BOT, DANA, PARTNER_APPLICATION
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.app_passwords import GraphAppPasswords
from services.faults import NotPermitted, Rejected, Unavailable
from services.rotation.issuers.app_registration import AppPassword
from tests.services.azure.conftest import answering
from tests.support.sandbox import Sandbox

APPLICATION = PARTNER_APPLICATION.id
EXPIRY = datetime(2030, 6, 1, 12, tzinfo=UTC)


def _passwords(sandbox: Sandbox, pipeline: Pipeline, who: str = BOT.id) -> GraphAppPasswords:
    return GraphAppPasswords(
        sandbox.credential(who),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope="https://graph.microsoft.com/.default",
    )


@pytest.fixture
async def passwords(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[GraphAppPasswords]:
    passwords = _passwords(sandbox, pipeline)
    yield passwords
    await passwords.close()


def _listing(*known: AppPassword) -> InjectedFault:
    """Inject an outdated listing."""
    shown: list[dict[str, Any]] = [{"keyId": one.key_id, "displayName": one.name} for one in known]
    fault = answering(200, "", path="applications/[^/]+[?]")
    return replace(fault, method="GET", answer=Reply(200, {"passwordCredentials": shown}))


async def test_a_client_secret_has_the_requested_expiry(
    sandbox: Sandbox, passwords: GraphAppPasswords
) -> None:
    await passwords.add(APPLICATION, "latchkey rot-one", EXPIRY)

    assert sandbox.state.applications[APPLICATION].passwords[-1].end == EXPIRY


@pytest.mark.parametrize("status", [429, 500, 503, 504])
async def test_a_failed_addition_is_not_retried_by_the_client(
    sandbox: Sandbox, passwords: GraphAppPasswords, status: int
) -> None:
    fault = answering(status, "Ordered", path="addPassword", headers={"Retry-After": "0"})
    sandbox.break_next(replace(fault, when=When.AFTER))

    with pytest.raises(Unavailable, match=f"^Microsoft Graph: {status} Ordered$"):
        await passwords.add(APPLICATION, "latchkey rot-one", None)

    names = [one.display_name for one in sandbox.state.applications[APPLICATION].passwords]
    assert names == ["made by hand", "latchkey rot-one"]


async def test_a_missing_permission_raises_not_permitted(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    passwords = _passwords(sandbox, pipeline, DANA.id)

    with pytest.raises(NotPermitted, match=r"403 Authorization_RequestDenied$"):
        await passwords.list(APPLICATION)
    with pytest.raises(NotPermitted, match=r"403 Authorization_RequestDenied$"):
        await passwords.add(APPLICATION, "latchkey rot-one", None)
    await passwords.close()


async def test_a_removed_client_secret_that_is_still_listed_does_not_count_as_gone(
    sandbox: Sandbox, passwords: GraphAppPasswords
) -> None:
    made, _ = await passwords.add(APPLICATION, "latchkey rot-one", None)
    sandbox.break_next(_listing(made))

    with pytest.raises(Unavailable, match=f"{made.key_id} is still listed"):
        await passwords.remove(APPLICATION, made.key_id)
    sandbox.state.faults.clear()
    await passwords.remove(APPLICATION, made.key_id)

    assert made not in await passwords.list(APPLICATION)


async def test_a_client_secret_that_graph_will_not_remove_yet_does_not_count_as_gone(
    sandbox: Sandbox, passwords: GraphAppPasswords
) -> None:
    made, _ = await passwords.add(APPLICATION, "latchkey rot-one", None)
    sandbox.break_next(answering(400, "Request_BadRequest", path="removePassword"))

    with pytest.raises(Unavailable, match="is still listed"):
        await passwords.remove(APPLICATION, made.key_id)


async def test_a_client_secret_without_a_name_is_listed_too(
    sandbox: Sandbox, passwords: GraphAppPasswords
) -> None:
    application = sandbox.state.applications[APPLICATION]
    made = application.add_password(None, EXPIRY, EXPIRY)

    end = made.end.replace(microsecond=0)
    shown = AppPassword(made.key_id, "", end, made.hint)
    assert shown in await passwords.list(APPLICATION)


async def test_no_client_secret_is_logged_at_any_level(
    passwords: GraphAppPasswords, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    made = await passwords.add(APPLICATION, "latchkey rot-one", EXPIRY)
    await passwords.list(APPLICATION)

    assert "addPassword" in caplog.text
    assert made[1].reveal() not in caplog.text + repr(made)


async def test_the_bot_may_change_an_application_that_it_owns(passwords: GraphAppPasswords) -> None:
    assert await passwords.may_change(APPLICATION)


async def test_it_may_not_change_the_application_of_others(
    sandbox: Sandbox, passwords: GraphAppPasswords
) -> None:
    sandbox.state.applications[APPLICATION].owners = (DANA.id,)

    assert not await passwords.may_change(APPLICATION)


async def test_with_the_permission_for_all_applications_it_need_not_own_them(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    sandbox.state.applications[APPLICATION].owners = ()
    everything = replace(BOT, graph_permissions=("Application.ReadWrite.All",))
    sandbox.state.directory.service_principals[BOT.id] = everything
    passwords = _passwords(sandbox, pipeline)

    assert await passwords.may_change(APPLICATION)

    await passwords.close()


async def test_an_application_that_does_not_exist_cannot_be_changed(
    passwords: GraphAppPasswords,
) -> None:
    with pytest.raises(Rejected, match="404"):
        await passwords.may_change("60000000-0000-4000-8000-00000000000f")


async def test_it_cannot_ask_who_owns_one_without_the_permission(
    sandbox: Sandbox, passwords: GraphAppPasswords
) -> None:
    sandbox.state.directory.service_principals[BOT.id] = replace(BOT, graph_permissions=())

    with pytest.raises(NotPermitted, match="403 Authorization_RequestDenied"):
        await passwords.may_change(APPLICATION)
