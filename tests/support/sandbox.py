"""A running sandbox for tests, with clients that trust its certificate."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.pipeline.transport import AioHttpTransport
from azure.keyvault.secrets._shared import http_challenge_cache

from domain.access.assignment import Assignment
from sandbox import roles
from sandbox.calls import Clock, Json
from sandbox.faults import InjectedFault
from sandbox.seed import ROBIN, Seed, default_seed
from sandbox.server import Endpoints, running
from sandbox.snapshot import snapshot
from sandbox.state import LoggedRequest, State
from sandbox.stored.assignments import StoredAssignment


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Hold a running sandbox, its state, and a session that trusts its certificate."""

    state: State
    endpoints: Endpoints
    clock: Clock
    session: aiohttp.ClientSession

    @property
    def seed(self) -> Seed:
        """Return the sandbox's initial contents."""
        return self.state.seed

    @property
    def base_url(self) -> str:
        """Return the address of Azure and of the first vault."""
        return self.endpoints.base_url

    @property
    def log(self) -> list[LoggedRequest]:
        """Return the requests so far."""
        return list(self.state.log)

    def transport(self) -> AioHttpTransport:
        """Return a transport for an Azure client: `transport=sandbox.transport()`.

        All clients share the session and its connections; it is closed with the sandbox.
        """
        return AioHttpTransport(session=self.session, session_owner=False)

    def credential(self, principal_id: str) -> "PrincipalCredential":
        """Return a credential for any principal."""
        return PrincipalCredential(self, principal_id)

    def break_next(self, fault: InjectedFault) -> None:
        """Add a fault."""
        self.state.faults.add(fault)

    def snapshot(self) -> Json:
        """Return a snapshot of everything that exists."""
        return snapshot(self.state, self.clock())


class PrincipalCredential:
    """Issue tokens for one principal, as if that person or application had signed in."""

    def __init__(self, sandbox: Sandbox, principal_id: str) -> None:
        directory = sandbox.state.directory
        key = principal_id.lower()
        self._principal = directory.users.get(key) or directory.service_principals[key]
        self._tokens = sandbox.state.tokens

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """Return a token for a scope's resource."""
        token = self._tokens.issue(self._principal, scopes[0].removesuffix("/.default"))
        return AccessToken(token.access_token, token.expires_on)

    async def get_token_info(
        self, *scopes: str, options: TokenRequestOptions | None = None
    ) -> AccessTokenInfo:
        """Return a token for a scope's resource, with its details."""
        token = await self.get_token(*scopes)
        return AccessTokenInfo(token.token, token.expires_on)

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    async def __aenter__(self) -> "PrincipalCredential":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def now() -> datetime:
    """Return the machine's time, by which SDKs judge certificates and tokens."""
    return datetime.now(UTC)


def give_by_hand(sandbox: Sandbox, assignment: Assignment, name: str) -> None:
    """Give somebody a role as Robin would in the portal, under any name."""
    sandbox.state.assignments.add(
        StoredAssignment(
            name,
            assignment.scope,
            assignment.principal_id,
            "User",
            roles.KEY_VAULT_SECRETS_USER,
            description="given by hand",
            condition=None,
            created_on=now(),
            created_by=ROBIN.id,
        )
    )


@asynccontextmanager
async def running_sandbox(
    tls_dir: Path, *, seed: Seed | None = None, clock: Clock = now
) -> AsyncIterator[Sandbox]:
    """Run a sandbox on free ports; `clock` can be one that the test advances."""
    # The SDK caches each address's challenge for the whole process, and an earlier sandbox may
    # have used this port.
    http_challenge_cache.clear()
    state = State.of(seed or default_seed(), token_clock=now)
    async with running(state, clock=clock, tls_dir=tls_dir) as endpoints:
        trust = ssl.create_default_context(cafile=str(endpoints.ca_file))
        connector = aiohttp.TCPConnector(ssl=trust)
        # As in azure-core: it keeps no cookies and decompresses answers itself.
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as session:
            yield Sandbox(state, endpoints, clock, session)
