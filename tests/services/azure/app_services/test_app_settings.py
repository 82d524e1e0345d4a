"""App settings of App Services: how the adapter handles errors and hides values."""

import logging
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue
from sandbox.calls import Reply
from sandbox.faults import InjectedFault, When
from sandbox.seed import (
    APP_IDENTITY,
    BOT,
    DANA,
    RESOURCE_GROUP,
    SITE,
    SLOT,
    SUBSCRIPTION_ID,
    UNVERSIONED_SETTING,
)
from services.azure.app_services.app_settings import AppServiceSettings
from services.azure.calls.pipeline import Pipeline
from services.faults import NotPermitted, Rejected, Unavailable
from services.rotation.dependents.kind import AppBusy, AppGone, ReferenceState
from tests.services.azure.conftest import answering, dropping, sent_through
from tests.support.sandbox import Sandbox, now

CANARY = "canary-0f1e2d3c4b5a"
APP = AppSlot(SUBSCRIPTION_ID, RESOURCE_GROUP, SITE)
STAGING = replace(APP, slot=SLOT)
Shape = Callable[[str, str], dict[str, Any]]
NEW = {"API_KEY": SecretValue(CANARY), "LOG_LEVEL": SecretValue("info")}


def _settings(sandbox: Sandbox, pipeline: Pipeline, who: str = BOT.id) -> AppServiceSettings:
    return AppServiceSettings(
        sandbox.credential(who),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )


@pytest.fixture
async def apps(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[AppServiceSettings]:
    apps = _settings(sandbox, pipeline)
    yield apps
    await apps.close()


def _errors(status: int, when: When = When.BEFORE) -> InjectedFault:
    return replace(answering(status, "Ordered"), method="PUT", when=when)


@pytest.mark.parametrize("app", [APP, STAGING])
async def test_only_properties_are_sent(
    pipeline: Pipeline, apps: AppServiceSettings, app: AppSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = sent_through(pipeline, monkeypatch)

    await apps.replace(app, NEW)

    assert sent == [{"properties": {"API_KEY": CANARY, "LOG_LEVEL": "info"}}]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_failed_change_is_not_retried_by_the_client(
    sandbox: Sandbox, apps: AppServiceSettings, status: int
) -> None:
    sandbox.break_next(_errors(status, When.AFTER))

    with pytest.raises(Unavailable, match=f"^App Service: {status} Ordered$"):
        await apps.replace(APP, NEW)

    assert sandbox.state.sites[SITE, ""].restarts == 1


async def test_reads_are_retried(sandbox: Sandbox, apps: AppServiceSettings) -> None:
    sandbox.break_next(answering(503, "Ordered", times=1))

    settings = await apps.read(APP)

    assert "LOG_LEVEL" in settings


async def test_a_missing_permission_raises_not_permitted(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    apps = _settings(sandbox, pipeline, DANA.id)

    for asked in (apps.read(APP), apps.replace(APP, NEW), apps.refresh(STAGING)):
        with pytest.raises(NotPermitted, match=r"^App Service: 403 AuthorizationFailed$"):
            await asked
    await apps.close()


async def test_a_dropped_connection_is_unavailable(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    sandbox.break_next(dropping())

    with pytest.raises(Unavailable, match=r"^App Service: the connection "):
        await apps.refresh(APP)


async def test_a_reference_shows_that_its_app_cannot_read_the_vault(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    assignments = sandbox.state.assignments
    for one in list(assignments.live.values()):
        if one.principal_id == APP_IDENTITY.id:
            assignments.remove(one, now())

    await apps.refresh(APP)

    denied = ReferenceState("AccessToKeyVaultDenied", None)
    assert await apps.reference(APP, UNVERSIONED_SETTING) == denied


async def test_a_404_that_is_not_about_the_setting_is_rejected(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    sandbox.break_next(answering(404, "SubscriptionNotFound"))

    with pytest.raises(Rejected, match="404 SubscriptionNotFound"):
        await apps.reference(APP, UNVERSIONED_SETTING)


async def test_an_app_is_gone_if_its_resource_group_is(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    sandbox.break_next(answering(404, "ResourceGroupNotFound"))

    with pytest.raises(AppGone, match="404 ResourceGroupNotFound"):
        await apps.read(APP)


async def test_a_missing_subscription_does_not_mean_that_its_apps_are_gone(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    sandbox.break_next(answering(404, "SubscriptionNotFound"))

    with pytest.raises(Rejected) as caught:
        await apps.read(APP)

    assert not isinstance(caught.value, AppGone)


async def test_an_answer_without_a_status_is_not_a_reference(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    sandbox.break_next(replace(answering(200, ""), answer=Reply(200, {"properties": {}})))

    assert await apps.reference(APP, UNVERSIONED_SETTING) is None


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ({"activeVersion": "one", "secretVersion": None}, "one"),
        ({"secretVersion": "one"}, "one"),
        ({"secretVersion": ""}, None),
        ({}, None),
    ],
)
async def test_a_resolved_reference_has_the_version_that_app_service_says_or_that_it_is_pinned_to(
    sandbox: Sandbox, apps: AppServiceSettings, said: dict[str, str | None], version: str | None
) -> None:
    found = {"properties": {"status": "Resolved", **said}}
    sandbox.break_next(replace(answering(200, ""), answer=Reply(200, found)))

    assert await apps.reference(APP, UNVERSIONED_SETTING) == ReferenceState("Resolved", version)


async def test_a_refresh_that_is_only_accepted_is_enough(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    sandbox.break_next(replace(answering(202, ""), answer=Reply(202)))

    await apps.refresh(APP)

    assert sandbox.log[-1].path == f"{APP.id}/config/configreferences/appsettings/refresh"


async def test_each_subscription_has_its_own_client(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    elsewhere = replace(APP, subscription="00000000-0000-0000-0000-000000000002")

    await apps.read(APP)
    with pytest.raises(NotPermitted):
        await apps.read(elsewhere)

    assert [f"{each.id}/config/appsettings/list" for each in (APP, elsewhere)] == [
        one.path for one in sandbox.log
    ]


@pytest.mark.parametrize("status", [400, 500])
async def test_an_error_that_quotes_a_value_is_reduced_to_codes(
    sandbox: Sandbox, apps: AppServiceSettings, status: int
) -> None:
    quoting = {"error": {"code": "Ordered", "message": f"The setting '{CANARY}' is not valid."}}
    sandbox.break_next(replace(_errors(status), answer=Reply(status, quoting)))

    with pytest.raises((Rejected, Unavailable)) as caught:
        await apps.replace(APP, NEW)

    assert caught.value.cause == f"{status} Ordered"
    assert CANARY not in "".join(traceback.format_exception(caught.value))


async def test_no_value_is_logged_at_any_level(
    apps: AppServiceSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await apps.replace(APP, NEW)
    settings = await apps.read(APP)

    assert settings == NEW
    assert "A body is sent with the request" in caplog.text
    assert CANARY not in caplog.text
    assert CANARY not in repr(settings)


def _refusing(status: int, body: dict[str, Any]) -> InjectedFault:
    return replace(_errors(status), answer=Reply(status, body))


def _nested(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _flat(code: str, message: str) -> dict[str, Any]:
    return {"Code": code, "Message": message, "Target": None, "Details": [], "Innererror": None}


SHAPES = pytest.mark.parametrize("shape", [_nested, _flat])


@SHAPES
@pytest.mark.parametrize("status", [409, 429])
async def test_an_app_with_another_operation_in_progress_is_busy_and_unchanged(
    sandbox: Sandbox, apps: AppServiceSettings, shape: Shape, status: int
) -> None:
    message = "Cannot modify this site because another operation is in progress. Details: Id: 1"
    sandbox.break_next(_refusing(status, shape("Conflict", message)))

    with pytest.raises(AppBusy, match=f"^App Service: {status} Conflict: the app is busy") as busy:
        await apps.replace(APP, NEW)

    fault = busy.value
    assert (fault.status, fault.code, fault.outcome_unknown) == (status, "Conflict", False)


@SHAPES
@pytest.mark.parametrize(
    ("code", "message", "says"),
    [
        ("ScopeLocked", "The scope cannot perform write operation.", "a lock on the app"),
        ("Conflict", "Parameter with name API_KEY already exists.", "exists in another spelling"),
        ("Conflict", f"Something about {CANARY}.", "409 Conflict$"),
    ],
)
async def test_another_conflict_is_final(
    sandbox: Sandbox, apps: AppServiceSettings, shape: Shape, code: str, message: str, says: str
) -> None:
    sandbox.break_next(_refusing(409, shape(code, message)))

    with pytest.raises(Rejected, match=says) as rejected:
        await apps.replace(APP, NEW)

    assert (rejected.value.status, rejected.value.code) == (409, code)
    assert CANARY not in str(rejected.value)


async def test_an_app_is_free_again_when_the_other_operation_is_over(
    sandbox: Sandbox, apps: AppServiceSettings
) -> None:
    site = sandbox.state.sites[SITE, ""]
    site.busy_until = now() + timedelta(minutes=1)

    with pytest.raises(AppBusy):
        await apps.replace(APP, NEW)

    site.busy_until = now()
    await apps.replace(APP, NEW)
    assert site.settings["API_KEY"] == CANARY
