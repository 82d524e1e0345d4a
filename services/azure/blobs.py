"""Files in a container of Azure Blob Storage."""

from http import HTTPStatus
from urllib.parse import quote

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.rest import AsyncHttpResponse, HttpRequest

from services.azure.calls.errors import translated
from services.azure.calls.pipeline import Pipeline
from services.azure.calls.rest import RestAdapter

SERVICE = "Blob Storage"

SCOPE = "https://storage.azure.com/.default"
"""The same in each cloud. Source: Microsoft Learn, "Authorize with Microsoft Entra ID"."""

_VERSION = {"x-ms-version": "2021-12-02"}
_EXISTS = frozenset({"BlobAlreadyExists", "BlobImmutableDueToPolicy"})


class BlobArchive(RestAdapter):
    """One container, behind ``services.retention.archive.Archive``.

    Needs Storage Blob Data Contributor on the container.
    """

    def __init__(
        self, credential: AsyncTokenCredential, pipeline: Pipeline, *, container: str
    ) -> None:
        super().__init__(credential, pipeline, endpoint=container, token_scope=SCOPE)
        self._container = container

    async def keep(self, name: str, content: bytes) -> None:
        """Store a file unless there is one of this name."""
        headers = {
            **_VERSION,
            "x-ms-blob-type": "BlockBlob",
            "Content-Type": "application/octet-stream",
            "If-None-Match": "*",
        }
        request = HttpRequest("PUT", self._address(name), headers=headers, content=content)
        with translated(SERVICE, changes=True):
            response = await self._client.send_request(request)
            if response.status_code != HTTPStatus.CONFLICT or _code(response) not in _EXISTS:
                response.raise_for_status()

    async def read(self, name: str) -> bytes | None:
        """Read a file; None if there is none."""
        request = HttpRequest("GET", self._address(name), headers=_VERSION)
        with translated(SERVICE):
            response: AsyncHttpResponse = await self._client.send_request(request, stream=True)
            async with response:
                content = await response.read()
                if _code(response) == "BlobNotFound":
                    return None
                response.raise_for_status()
                return bytes(content)

    def _address(self, name: str) -> str:
        return f"{self._container}/{quote(name)}"


def _code(response: AsyncHttpResponse) -> str:
    """Return the service's own word for an error; its body is XML."""
    return str(response.headers.get("x-ms-error-code", ""))
