"""Decide where the bot may send its answers, and with them its access token."""

import re
from dataclasses import dataclass
from functools import lru_cache

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
        place = _place_of(url)
        if place is None:
            return False
        scheme, host, port = place
        if self.local:
            return scheme == "http" and host in _LOOPBACK
        return scheme == "https" and (host if port in ("", ":443") else host + port) in self.hosts


@lru_cache(1_000)  # there is one for each of Teams' regions
def _place_of(url: str) -> tuple[str, str, str] | None:
    """Return the scheme, the host, and the port with its colon, if there is one."""
    match = _SERVICE_URL.fullmatch(url)
    return match and (match["scheme"].lower(), match["host"].lower(), match["port"] or "")
