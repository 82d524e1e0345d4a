"""A real Azurite blob service, which takes tokens of Entra without checking their signature."""

import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.rest import HttpRequest

from sandbox.tls import prepare_tls
from scripts import nodejs
from scripts.local.children import Children, Program
from scripts.local.ports import free_ports, is_taken
from services.azure.blobs import BlobArchive
from services.azure.calls.pipeline import Pipeline

_SERVICE = nodejs.AZURITE_TABLE.parent.parent / "blob" / "main.js"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AzuriteBlobs:
    """Where the service is, and whose certificates to trust."""

    url: str
    ca_file: Path


class UnsignedCredential:
    """Issues tokens for the storage service; ``audience`` can be a wrong one."""

    def __init__(self, audience: str = "https://storage.azure.com") -> None:
        self._audience = audience

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        del scopes
        now = datetime.now(UTC)
        claims = {
            "aud": self._audience,
            "iss": "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
            "iat": now,
            "nbf": now - _HOUR,
            "exp": now + _HOUR,
        }
        token = jwt.encode(claims, "a key that nobody checks, of some length", algorithm="HS256")
        return AccessToken(token, int((now + _HOUR).timestamp()))

    async def get_token_info(
        self, *scopes: str, options: TokenRequestOptions | None = None
    ) -> AccessTokenInfo:
        del options
        token = await self.get_token(*scopes)
        return AccessTokenInfo(token.token, token.expires_on)

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    async def __aenter__(self) -> "UnsignedCredential":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@contextmanager
def running_azurite_blobs(directory: Path) -> Iterator[AzuriteBlobs]:
    """Run Azurite's blob service on a free port, over HTTPS, with its files in memory."""
    (port,) = free_ports(1)
    tls = prepare_tls(directory / "tls", datetime.now(UTC))
    program = Program(
        name="azurite-blob",
        command=(
            *(nodejs.installed().program, str(_SERVICE)),
            *("--blobHost", "127.0.0.1", "--blobPort", str(port)),
            *("--oauth", "basic", "--cert", str(tls.server_chain), "--key", str(tls.server_key)),
            *("--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"),
        ),
        environment=os.environ,
        directory=directory,
        is_ready=lambda: is_taken(port),
        waits_for=f"it to listen on port {port}",
    )
    children = Children(directory, threading.Event())
    try:
        children.start(program)
        yield AzuriteBlobs(f"https://127.0.0.1:{port}/devstoreaccount1", tls.ca)
    finally:
        children.stop()


@asynccontextmanager
async def an_archive(
    pipeline: Pipeline, address: str, *, audience: str = "https://storage.azure.com"
) -> AsyncIterator[BlobArchive]:
    """Open a container as the bot does."""
    archive = BlobArchive(UnsignedCredential(audience), pipeline, container=address)
    try:
        yield archive
    finally:
        await archive.close()


async def create_container(archive: BlobArchive, address: str) -> None:
    """Create a container, as infra does."""
    request = HttpRequest(
        "PUT", f"{address}?restype=container", headers={"x-ms-version": "2021-12-02"}
    )
    response = await archive._client.send_request(request)
    response.raise_for_status()
