"""Errors of the adapters that handle values hold none, not even in their frames' locals."""

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue
from sandbox.calls import Reply
from sandbox.faults import InjectedFault as Ordered
from sandbox.seed import APP_API_KEY, BOT, RESOURCE_GROUP, SITE, SUBSCRIPTION_ID
from services.azure.app_services.app_settings import AppServiceSettings
from services.azure.calls.pipeline import Pipeline
from services.azure.key_vault.secret_versions import KeyVaultSecretVersions
from services.faults import Fault, Unavailable
from services.rotation.secret_versions import Version
from tests.services.azure.conftest import a_login_page, answering, dropping
from tests.support.sandbox import Sandbox

CANARY = "canary-0f1e2d3c4b5a"
APP = AppSlot(SUBSCRIPTION_ID, RESOURCE_GROUP, SITE)
NEW = Version(id="", enabled=True, created_at=None)

Effect = Callable[[], Awaitable[object]]


@pytest.fixture
async def effects(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[dict[str, Effect]]:
    """Every call that sends or receives a value."""
    credential, url = sandbox.credential(BOT.id), sandbox.base_url
    versions = KeyVaultSecretVersions(credential, pipeline)
    apps = AppServiceSettings(credential, pipeline, endpoint=url, token_scope=f"{url}/.default")
    await versions.write(url, APP_API_KEY, SecretValue(CANARY), NEW)
    await apps.replace(APP, {"API_KEY": SecretValue(CANARY)})
    yield {
        "write": lambda: versions.write(url, APP_API_KEY, SecretValue(CANARY), NEW),
        "current": lambda: versions.current(url, APP_API_KEY),
        "replace": lambda: apps.replace(APP, {"API_KEY": SecretValue(CANARY)}),
        "settings": lambda: apps.read(APP),
    }
    await versions.close()
    await apps.close()


def _dump(error: BaseException) -> str:
    """Format an exception with all local variables but the test's, as a crash dump would."""
    assert error.__traceback__
    below = error.__traceback__.tb_next
    dump = traceback.TracebackException(type(error), error, below, capture_locals=True)
    return "".join(dump.format())


def _saying_back() -> Ordered:
    error = {"error": {"code": "BadRequest", "message": f"'{CANARY}' is not wanted."}}
    return replace(answering(400, "BadRequest"), answer=Reply(400, error))


WRONG: dict[str, Callable[[], Ordered]] = {
    "refused": lambda: answering(403, "Forbidden"),
    "broken": lambda: answering(500, "InternalServerError"),
    "dropped": dropping,
    "a proxy's page": a_login_page,
    "said back": _saying_back,
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("effect", ["write", "current", "replace", "settings"])
async def test_an_error_from_azure_dumps_no_value(
    sandbox: Sandbox, effects: dict[str, Effect], effect: str, wrong: str
) -> None:
    sandbox.break_next(WRONG[wrong]())

    with pytest.raises(Fault) as caught:
        await effects[effect]()

    dumped = _dump(caught.value)
    assert "self = <" in dumped
    assert CANARY not in dumped


@pytest.mark.parametrize("effect", ["write", "current", "replace", "settings"])
async def test_an_error_in_the_sdk_dumps_no_value(
    pipeline: Pipeline,
    effects: dict[str, Effect],
    effect: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(request: Any, **_: Any) -> None:
        raise RuntimeError(f"cannot send {request.content}")

    monkeypatch.setattr(pipeline.transport, "send", fail)

    with pytest.raises(Unavailable, match="unexpected RuntimeError") as caught:
        await effects[effect]()

    assert CANARY not in _dump(caught.value)
