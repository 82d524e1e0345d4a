"""Decide where the bot may send its answers, and with them its access token."""

import re
from dataclasses import dataclass

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

# Stricter than RFC 3986 on purpose: without user info, query, fragment and backslashes there is
# only one way to read the host, so the check and the HTTP client can't disagree about it.
_SERVICE_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[::1\])(?P<port>:[0-9]{1,5})?(?:/[\w.~%-]*)*",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class ServiceUrls:
    """Decide whether a serviceUrl is allowed.

    `hosts` are lower-case host names, or `host:port` if the port is not 443.
    Local mode ignores them and allows only plain HTTP on the loopback interface.
    """

    hosts: frozenset[str]
    local: bool = False

    def allow(self, url: str) -> bool:
        """Return whether the bot may send to this URL."""
        match = _SERVICE_URL.fullmatch(url)
        if match is None:
            return False
        scheme, host = match["scheme"].lower(), match["host"].lower()
        if self.local:
            return scheme == "http" and host in _LOOPBACK
        port = match["port"] or ""
        return scheme == "https" and (host if port in ("", ":443") else host + port) in self.hosts
