"""Real SDK clients against a running sandbox."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError
from azure.keyvault.secrets.aio import SecretClient
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.web.aio import WebSiteManagementClient

from tests.sandbox.entra.msal_app import App, an_app, assertion_of
from tests.support.browser import Browser, a_browser
from tests.support.sandbox import Sandbox, running_sandbox


class MovableClock:
    """Stand still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class Clients:
    """Make SDK clients that act as a principal and are closed at the end of the test."""

    def __init__(self, sandbox: Sandbox, stack: AsyncExitStack) -> None:
        self._sandbox = sandbox
        self._stack = stack

    async def secrets(self, principal_id: str, vault_url: str = "") -> SecretClient:
        return await self._stack.enter_async_context(
            SecretClient(
                vault_url or self._sandbox.base_url,
                self._sandbox.credential(principal_id),
                transport=self._sandbox.transport(),
                verify_challenge_resource=False,
                retry_total=0,
            )
        )

    async def authorization(self, principal_id: str) -> AuthorizationManagementClient:
        return await self._stack.enter_async_context(
            AuthorizationManagementClient(
                self._sandbox.credential(principal_id),
                self._sandbox.seed.subscription_id,
                base_url=self._sandbox.base_url,
                transport=self._sandbox.transport(),
                retry_total=0,
            )
        )

    async def web(self, principal_id: str) -> WebSiteManagementClient:
        return await self._stack.enter_async_context(
            WebSiteManagementClient(
                self._sandbox.credential(principal_id),
                self._sandbox.seed.subscription_id,
                base_url=self._sandbox.base_url,
                transport=self._sandbox.transport(),
                retry_total=0,
            )
        )


def inner_error(error: HttpResponseError) -> str | None:
    """Return the code of a Key Vault error's `innererror`."""
    inner = error.error.innererror if error.error else None
    return inner["code"] if inner else None


def error_code(error: HttpResponseError) -> str | None:
    """Return the code of an error."""
    return error.error.code if error.error else None


@pytest.fixture(scope="session")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def sandbox(tls_dir: Path, clock: MovableClock) -> AsyncIterator[Sandbox]:
    async with running_sandbox(tls_dir, clock=clock) as running:
        yield running


@pytest.fixture
async def clients(sandbox: Sandbox) -> AsyncIterator[Clients]:
    async with AsyncExitStack() as stack:
        yield Clients(sandbox, stack)


@pytest.fixture
async def app(sandbox: Sandbox) -> AsyncIterator[App]:
    async with an_app(sandbox, assertion_of(sandbox)) as app:
        yield app


@pytest.fixture
async def browser(sandbox: Sandbox) -> AsyncIterator[Browser]:
    async with a_browser(sandbox) as browser:
        yield browser
