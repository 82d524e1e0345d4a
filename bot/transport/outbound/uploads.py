"""Upload a file to the address that came with the person's consent."""

import io
import re
from dataclasses import dataclass

import aiohttp
from yarl import URL

from bot.transport.outbound.connector_errors import ConnectorError

_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
_HTTPS = 443
_FRAGMENT = 16 * 320 * 1024
"""5 MiB: OneDrive takes multiples of 320 KiB, and less than 60 MiB at once."""
_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)


@dataclass(frozen=True)
class FileHosts:
    """Decide whether a URL belongs to OneDrive or SharePoint.

    ``suffixes`` begin with a dot; ``hosts`` are further ``host`` or ``host:port``, in lower case.
    """

    suffixes: frozenset[str]
    hosts: frozenset[str] = frozenset()

    def allow(self, url: URL) -> bool:
        """Return whether a file may be uploaded to this URL."""
        host = (url.raw_host or "").lower()
        if url.scheme != "https" or url.raw_user is not None or url.raw_password is not None:
            return False
        if url.port != _HTTPS:
            return f"{host}:{url.port}" in self.hosts
        is_suffixed = bool(_NAME.fullmatch(host)) and host.endswith(tuple(self.suffixes))
        return host in self.hosts or is_suffixed


class UploadFailed(ConnectorError):
    """The file was not uploaded."""


class Uploads:
    """Uploads files; an upload URL grants write access, so it is never logged."""

    def __init__(self, session: aiohttp.ClientSession, hosts: FileHosts) -> None:
        self._session = session
        self._hosts = hosts

    @property
    def are_possible(self) -> bool:
        """Whether bots can upload files in this cloud."""
        return bool(self._hosts.suffixes or self._hosts.hosts)

    def require_allowed(self, address: str) -> None:
        """Raise UploadFailed unless this URL belongs to OneDrive or SharePoint."""
        _allowed(address, self._hosts)

    async def put(self, address: str, body: bytes) -> None:
        """Upload a whole file, a large one in pieces; raise UploadFailed if that fails.

        Source: Microsoft Learn, "Send and receive files through the bot": the URL is a OneDrive
        upload session, which takes no token; "driveItem: createUploadSession": pieces in order,
        of a multiple of 320 KiB, each answered with 202 except the last.
        """
        url = _allowed(address, self._hosts)
        for start in range(0, len(body), _FRAGMENT):
            await self._put(url, body, start)

    async def _put(self, url: URL, body: bytes, start: int) -> None:
        piece = body[start : start + _FRAGMENT]
        end = start + len(piece)
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{end - 1}/{len(body)}",
        }
        expected = (200, 201) if end == len(body) else (202,)
        try:
            async with self._session.put(
                url,
                data=io.BytesIO(piece),
                headers=headers,
                timeout=_TIMEOUT,
                allow_redirects=False,
            ) as response:
                if response.status not in expected:
                    raise UploadFailed(f"the upload was answered with {response.status}")
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise UploadFailed(f"the upload failed: {type(fault).__name__}") from None


def _allowed(address: str, hosts: FileHosts) -> URL:
    """Parse a URL as the HTTP client does; raise UploadFailed if it isn't allowed."""
    try:
        url = URL(address, encoded=True)
        is_allowed = address.isascii() and address.isprintable() and hosts.allow(url)
    except ValueError:
        is_allowed = False
    if not is_allowed:
        raise UploadFailed("the URL doesn't belong to OneDrive or SharePoint")
    return url
