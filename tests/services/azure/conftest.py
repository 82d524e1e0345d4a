"""A local Azure, and a pipeline to it whose retries don't wait."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.secrets import Vault
from sandbox.calls import Reply
from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import VAULT
from services.azure.calls.pipeline import Pipeline
from tests.services.azure.contract_azure import Azure, fake_azure, real_azure
from tests.support.sandbox import Sandbox, running_sandbox

ALWAYS = 1_000


@pytest.fixture(scope="session")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
async def sandbox(tls_dir: Path) -> AsyncIterator[Sandbox]:
    async with running_sandbox(tls_dir) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    """How long each retry would have waited, in seconds."""
    return []


@pytest.fixture
def pipeline(sandbox: Sandbox, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    pipeline = Pipeline(sandbox.session)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(pipeline.transport, "sleep", sleep)
    return pipeline


@pytest.fixture
def vault(sandbox: Sandbox) -> Vault:
    return Vault(VAULT, sandbox.base_url, sandbox.seed.vault_scope(VAULT))


def answering(
    status: int,
    code: str,
    *,
    path: str = "",
    times: int = ALWAYS,
    inner: str = "",
    headers: dict[str, str] | None = None,
) -> InjectedFault:
    """Inject an error in the service's format, on every path unless one is given."""
    error: dict[str, object] = {"code": code, "message": f"{code} was ordered by the test."}
    if inner:
        error["innererror"] = {"code": inner}
    reply = Reply(status, {"error": error}, headers or {})
    return InjectedFault("*", re.compile(path), answer=reply, times=times)


def dropping(path: str = "", *, when: When = When.BEFORE, times: int = ALWAYS) -> InjectedFault:
    """Inject dropped connections without an answer."""
    return InjectedFault("*", re.compile(path), action=Action.DROP, when=when, times=times)


def hanging(path: str = "") -> InjectedFault:
    """Inject requests that never get an answer."""
    return InjectedFault("*", re.compile(path), action=Action.HANG, times=ALWAYS)


def a_login_page() -> InjectedFault:
    """Inject what a proxy may answer: an HTML page with status 200."""
    page = Reply(200, "<html>Sign in to the network</html>", content_type="text/html")
    return InjectedFault("*", re.compile(""), answer=page, times=ALWAYS)


@pytest.fixture(params=["fake", "sandbox"])
async def azure(request: pytest.FixtureRequest, tls_dir: Path) -> AsyncIterator[Azure]:
    if request.param == "fake":
        yield fake_azure()
        return
    async with real_azure(tls_dir) as real:
        yield real


def sent_through(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note the bodies of all requests from now on."""
    sent: list[Any] = []
    send = pipeline.transport.send

    async def noting(request: Any, **options: Any) -> Any:
        sent.append(json.loads(request.content))
        return await send(request, **options)

    monkeypatch.setattr(pipeline.transport, "send", noting)
    return sent
