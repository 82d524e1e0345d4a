"""Short HTTP calls to servers on this machine, bypassing any proxy."""

import http.client
from urllib.parse import urlsplit

from scripts.faults import Fault

_LOOK_SECONDS = 5
_POST_SECONDS = 60
"""A server that is busy starting may be slow to answer, and is only asked once."""


def answers(url: str) -> bool:
    """Tell whether a GET of this HTTP address returns 200."""
    try:
        return _status("GET", url) == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


def post(url: str) -> None:
    """Post an empty JSON object to an HTTP address; raise Fault unless it returns 200."""
    try:
        status = _status("POST", url, _POST_SECONDS)
    except (OSError, http.client.HTTPException) as error:
        raise Fault(f"{url} didn't answer: {error}.") from error
    if status != http.client.OK:
        raise Fault(f"{url} returned {status}.")


def _status(method: str, url: str, seconds: float = _LOOK_SECONDS) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        body = "{}" if method == "POST" else None
        connection.request(method, parts.path, body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()
