"""The services that a turn needs: the connector, Entra and the signing keys."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.teams.tokens import ISSUER, TokenMint


@dataclass(frozen=True)
class Latency:
    """Added latency of an answer, in seconds."""

    connector: float = 0.0
    entra: float = 0.0


class Outside:
    """Play the Teams connector, Entra and the Bot Framework's OpenID metadata, over TLS.

    `posted` counts the messages received, so that no bot can be fast by not answering.
    """

    def __init__(self, authority: trustme.CA) -> None:
        self.latency = Latency()
        self.posted = 0
        self.mint = TokenMint()
        self._authority = authority
        self._ids = count(1_800_000_000_001)
        self._server = TestServer(self._app(), scheme="https")

    @property
    def service_url(self) -> str:
        """Return the address that bots send their answers to."""
        return self._url("/emea/")

    @property
    def metadata_url(self) -> str:
        """Return the address of the OpenID metadata."""
        return self._url("/metadata")

    @property
    def keys_url(self) -> str:
        """Return the address of the signing keys."""
        return self._url("/keys")

    @property
    def authority_host(self) -> str:
        """Return Entra's address, without a tenant."""
        return self._url("").rstrip("/")

    @property
    def host(self) -> str:
        """Return its host and port, as written in an allow-list."""
        return f"{self._server.host}:{self._server.port}"

    async def start(self) -> None:
        """Start listening."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert("127.0.0.1").configure_cert(context)
        await self._server.start_server(ssl=context)
        self.mint.service_url = self.service_url

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.close()

    def _url(self, path: str) -> str:
        return str(self._server.make_url(path))

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/emea/{path:.*}", self._post),
                web.put("/emea/{path:.*}", self._post),
                web.get("/emea/{path:.*}", self._nobody),
                web.get("/metadata", self._metadata),
                web.get("/keys", self._keys),
                web.get("/{tenant}/.well-known/openid-configuration", self._tenant),
                web.post("/{tenant}/oauth2/{path:.*}", self._token),
            ]
        )
        return app

    async def _post(self, request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(self.latency.connector)
        self.posted += 1
        return web.json_response({"id": str(next(self._ids))}, status=201)

    async def _nobody(self, _: web.Request) -> web.Response:
        await asyncio.sleep(self.latency.connector)
        body = {"error": {"code": "MemberNotFoundInConversation", "message": "not one of ours"}}
        return web.json_response(body, status=404)

    async def _metadata(self, _: web.Request) -> web.Response:
        return web.json_response({"issuer": ISSUER, "jwks_uri": self.keys_url})

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response(self.mint.key_set())

    async def _tenant(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.latency.entra)
        tenant = f"{self.authority_host}/{request.match_info['tenant']}"
        return web.json_response(
            {
                "issuer": tenant,
                "authorization_endpoint": f"{tenant}/oauth2/authorize",
                "token_endpoint": f"{tenant}/oauth2/token",
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(self.latency.entra)
        # As long as a real one from Entra.
        token = {"access_token": "x" * 1_500, "token_type": "Bearer", "expires_in": 86_399}
        return web.json_response(token)


@asynccontextmanager
async def running_outside(authority: trustme.CA) -> AsyncIterator[Outside]:
    """Run it with a certificate from this authority."""
    outside = Outside(authority)
    await outside.start()
    try:
        yield outside
    finally:
        await outside.stop()
