"""The sockets that the bot listens on, before anything else starts."""

import errno
import os
import socket
from collections.abc import Iterable

from config import ConfigurationError

_ABOUT_PORTS = {
    errno.EADDRINUSE: "is used by another program",
    errno.EACCES: "needs rights that this process doesn't have",
}


def bound(host: str, port: int) -> list[socket.socket]:
    """Bind a host's addresses; raises ConfigurationError if that isn't possible.

    Nobody can connect until the server listens on them.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ConfigurationError(["HOST: must be an address of this machine"]) from None
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            sockets.append(_bound(family, address))
    except OSError as fault:
        _close(sockets)
        said = _ABOUT_PORTS.get(fault.errno or 0)
        about = f"PORT: {said}: {port}" if said else "HOST: must be an address of this machine"
        raise ConfigurationError([about]) from None
    return sockets


def _bound(family: int, address: object) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share the port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)  # type: ignore[arg-type]  # as getaddrinfo returned it
    except OSError:
        made.close()
        raise
    return made


def _close(sockets: Iterable[socket.socket]) -> None:
    for each in sockets:
        each.close()
