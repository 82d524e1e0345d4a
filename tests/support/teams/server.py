"""A fake Teams that sends activities to the bot and receives its messages."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

import aiohttp
import trustme
from aiohttp.test_utils import TestServer

from tests.support.teams.activities import Json
from tests.support.teams.endpoints import Endpoints
from tests.support.teams.record import Record
from tests.support.teams.tokens import TokenMint, now


class Answer(NamedTuple):
    """The bot's answer: the body is parsed JSON, or None if empty."""

    status: int
    body: Any


class Teams(Record):
    """A fake Teams on the loopback interface.

    Set `bot_url` to the bot's address, then `deliver` activities to it.
    """

    def __init__(self, clock: Callable[[], datetime], authority: trustme.CA | None) -> None:
        super().__init__()
        self.mint = TokenMint(clock)
        self._clock = clock
        self.bot_url = ""
        self._authority = authority
        self._endpoints = Endpoints(self, self.mint)
        self._server = TestServer(self._endpoints.app(), scheme="https" if authority else "http")
        self._client: aiohttp.ClientSession | None = None

    @property
    def service_url(self) -> str:
        """Return the address that the bot sends its messages to."""
        return str(self._server.make_url("/emea/"))

    @property
    def upload_url(self) -> str:
        """Return the address of an upload session in someone's OneDrive."""
        return str(self._server.make_url("/onedrive/upload?session=secret"))

    @property
    def metadata_url(self) -> str:
        """Return the address of the OpenID metadata."""
        return str(self._server.make_url("/v1/.well-known/openidconfiguration"))

    @property
    def host(self) -> str:
        """Return its host and port, as written in an allow-list."""
        return f"{self._server.host}:{self._server.port}"

    def trust(self) -> ssl.SSLContext | bool:
        """Return the TLS settings that a client needs to trust it: `ssl=` for aiohttp."""
        if self._authority is None:
            return True
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    async def start(self) -> None:
        """Start listening."""
        context = None
        if self._authority:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._authority.issue_cert("127.0.0.1").configure_cert(context)
        await self._server.start_server(ssl=context)
        self.mint.service_url = self.service_url
        self._client = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Stop listening, and release the requests that hang."""
        self._endpoints.release()
        if self._client:
            await self._client.close()
        await self._server.close()

    async def deliver(self, activity: Json, token: str | None = None) -> Answer:
        """Post an activity to the bot as Teams does, with a valid token by default."""
        sent_at = self._clock().isoformat()
        whole = {"serviceUrl": self.service_url, "timestamp": sent_at} | activity
        return await self.post(json=whole, token=self.mint.token() if token is None else token)

    async def post(self, *, token: str = "", headers: Json | None = None, **body: Any) -> Answer:
        """Post anything to the bot: `json=` or `data=` and headers, as for aiohttp."""
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        assert self._client is not None
        async with self._client.post(
            f"{self.bot_url}/api/messages", headers=authorization | (headers or {}), **body
        ) as response:
            text = await response.text()
            return Answer(response.status, await response.json() if text else None)


@asynccontextmanager
async def running_teams(
    *, clock: Callable[[], datetime] = now, tls: bool = False
) -> AsyncIterator[Teams]:
    """Run a fake Teams for one test; with `tls`, with its own certificate."""
    teams = Teams(clock, trustme.CA() if tls else None)
    await teams.start()
    try:
        yield teams
    finally:
        await teams.stop()
