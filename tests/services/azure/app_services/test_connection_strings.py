"""Connection strings of App Services: what their adapter sends, and what it never says."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue
from sandbox.calls import Reply
from sandbox.faults import When
from sandbox.seed import BOT, DANA, RESOURCE_GROUP, SITE, SLOT, SUBSCRIPTION_ID
from services.azure.app_services.connection_strings import AppServiceConnectionStrings
from services.azure.calls.pipeline import Pipeline
from services.faults import NotPermitted, Rejected, Unavailable
from services.rotation.dependents.kind import AppBusy, DependentEntry
from tests.services.azure.conftest import answering, sent_through
from tests.support.sandbox import Sandbox, now

CANARY = "canary-1a2b3c4d5e6f"
APP = AppSlot(SUBSCRIPTION_ID, RESOURCE_GROUP, SITE)
STAGING = replace(APP, slot=SLOT)
NEW = {"DefaultConnection": DependentEntry(SecretValue(CANARY), "SQLAzure")}


def _strings(
    sandbox: Sandbox, pipeline: Pipeline, who: str = BOT.id
) -> AppServiceConnectionStrings:
    return AppServiceConnectionStrings(
        sandbox.credential(who),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )


@pytest.fixture
async def strings(
    sandbox: Sandbox, pipeline: Pipeline
) -> AsyncIterator[AppServiceConnectionStrings]:
    strings = _strings(sandbox, pipeline)
    yield strings
    await strings.close()


@pytest.mark.parametrize("app", [APP, STAGING])
async def test_only_properties_are_sent_each_with_its_type(
    pipeline: Pipeline,
    strings: AppServiceConnectionStrings,
    app: AppSlot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = sent_through(pipeline, monkeypatch)

    await strings.replace(app, NEW)

    assert sent == [{"properties": {"DefaultConnection": {"value": CANARY, "type": "SQLAzure"}}}]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_change_that_went_wrong_is_not_tried_again_in_place(
    sandbox: Sandbox, strings: AppServiceConnectionStrings, status: int
) -> None:
    sandbox.break_next(replace(answering(status, "Ordered"), method="PUT", when=When.AFTER))

    with pytest.raises(Unavailable, match=f"^App Service: {status} Ordered$"):
        await strings.replace(APP, NEW)

    assert sandbox.state.sites[SITE, ""].restarts == 1


async def test_without_the_permission_it_is_not_permitted(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    strings = _strings(sandbox, pipeline, DANA.id)

    for asked in (strings.read(APP), strings.replace(APP, NEW), strings.refresh(STAGING)):
        with pytest.raises(NotPermitted, match=r"^App Service: 403 AuthorizationFailed$"):
            await asked
    await strings.close()


async def test_a_busy_app_is_named_as_such(
    sandbox: Sandbox, strings: AppServiceConnectionStrings
) -> None:
    sandbox.state.sites[SITE, ""].busy_until = now() + timedelta(minutes=1)

    with pytest.raises(AppBusy):
        await strings.replace(APP, NEW)

    assert await strings.read(APP) == {}


async def test_an_error_that_quotes_the_value_is_reported_by_code(
    sandbox: Sandbox, strings: AppServiceConnectionStrings
) -> None:
    quoting = {"error": {"code": "Ordered", "message": f"The value '{CANARY}' is not valid."}}
    refused = replace(answering(400, "Ordered"), method="PUT", answer=Reply(400, quoting))
    sandbox.break_next(refused)

    with pytest.raises(Rejected) as caught:
        await strings.replace(APP, NEW)

    assert caught.value.cause == "400 Ordered"
    assert CANARY not in str(caught.value)


async def test_references_are_refreshed_where_app_service_documents_it(
    sandbox: Sandbox, strings: AppServiceConnectionStrings
) -> None:
    await strings.refresh(APP)

    assert sandbox.log[-1].path == f"{APP.id}/config/configreferences/appsettings/refresh"


async def test_no_value_is_ever_logged_whatever_the_level(
    strings: AppServiceConnectionStrings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await strings.replace(APP, NEW)
    found = await strings.read(APP)

    assert found == NEW
    assert CANARY not in caplog.text
    assert CANARY not in repr(found)
