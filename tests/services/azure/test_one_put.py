"""A change is sent once, even if a kept connection ends without an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from azure.core import AsyncPipelineClient
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import AsyncHttpResponse, HttpRequest

from domain.secrets import SecretValue
from sandbox.faults import When
from sandbox.seed import APP_API_KEY, BOT, VAULT
from services.azure.calls.pipeline import Pipeline, open_pipeline
from services.azure.key_vault.secret_versions import KeyVaultSecretVersions
from services.faults import Unavailable
from services.rotation.secret_versions import Version
from tests.services.azure.conftest import dropping
from tests.support.sandbox import Sandbox

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
_BODY = b'{"value":"new"}'


class DroppingServer:
    """Answers the first request of each connection, and closes it on the second one."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0
        self.methods: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._take_request(reader)
            writer.write(_ANSWER)
            await self._take_request(reader)
        writer.close()

    async def _take_request(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method = head.split(" ", 1)[0]
        if f"content-length: {len(_BODY)}" in head.lower():
            await reader.readexactly(len(_BODY))
        self.methods.append(method)


@asynccontextmanager
async def _dropping_server() -> AsyncIterator[DroppingServer]:
    server = DroppingServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()


async def _send(pipeline: Pipeline, method: str, url: str) -> AsyncHttpResponse:
    """Send as an SDK does, without retries."""
    client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
        url, policies=[], transport=pipeline.transport
    )
    body = None if method in {"GET", "DELETE"} else _BODY
    return await client.send_request(HttpRequest(method, url, content=body))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST", "DELETE"])
async def test_a_change_arrives_once_if_a_kept_connection_ends(
    method: str,
) -> None:
    async with _dropping_server() as server, open_pipeline() as pipeline:
        await _send(pipeline, "GET", server.url)
        with pytest.raises(ServiceRequestError):
            await _send(pipeline, method, server.url)

    assert ["GET", method] == server.methods
    assert server.connections == 1


async def test_a_read_is_repeated_over_another_connection() -> None:
    async with _dropping_server() as server, open_pipeline() as pipeline:
        await _send(pipeline, "GET", server.url)
        again = await _send(pipeline, "GET", server.url)

    assert again.status_code == 200
    assert server.methods == ["GET", "GET", "GET"]
    assert server.connections == 2


async def test_a_write_with_a_lost_answer_creates_one_version(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.endpoints.ca_file))
    secret = sandbox.state.vaults[VAULT].secrets[APP_API_KEY]
    tagged = Version(id="", enabled=True, created_at=None, tags={"latchkey-rotation-id": "rot-one"})

    async with open_pipeline() as pipeline:
        versions = KeyVaultSecretVersions(sandbox.credential(BOT.id), pipeline)
        await versions.current(sandbox.base_url, APP_API_KEY)
        before = len(secret.versions)
        sandbox.break_next(dropping("^/secrets/", when=When.AFTER))
        with pytest.raises(Unavailable):
            await versions.write(sandbox.base_url, APP_API_KEY, SecretValue("new"), tagged)

    assert len(secret.versions) == before + 1
