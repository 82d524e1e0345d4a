"""Ask a server of this machine whether it is ready."""

import http.client
from urllib.parse import urlsplit


def answers(url: str) -> bool:
    """Tell whether a server answers a GET of this http address with 200."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
