"""The local ports: which they are, how to change them, and who is using a taken one."""

import random
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Self

from scripts import virtualenv
from scripts.faults import Fault


@dataclass(frozen=True)
class Ports:
    """One port per local server; each can be changed with an environment variable."""

    bot: int = 3978
    tables: int = 10002
    sandbox: int = 8443
    identity: int = 8444
    developer: int = 56150
    approver: int = 56151

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the ports set in the environment; raise Fault for an invalid port."""
        given = {
            field.name: _port(name, environment[name])
            for field in fields(cls)
            if (name := variable(field.name)) in environment
        }
        return cls(**given)

    @classmethod
    def free(cls) -> Self:
        """Use free ports, to run next to another instance."""
        names = [field.name for field in fields(cls)]
        return cls(**dict(zip(names, free_ports(len(names)), strict=True)))

    def require_free(self) -> None:
        """Raise Fault listing every taken port, what is using it, and what to do about it."""
        complaints = [
            f"Port {number} is in use {holder(number)}: "
            f"stop it, or set {variable(name)}=… to use another port."
            for name, number in vars(self).items()
            if is_taken(number)
        ]
        if complaints:
            raise Fault("\n".join(complaints))


def variable(name: str) -> str:
    """Return the name of the environment variable for a port."""
    return "PORT" if name == "bot" else f"{name.upper()}_PORT"


def free_ports(count: int) -> list[int]:
    """Return ports that are free right now, all different.

    They are none that the system gives to connections: one of those could be taken a moment later.
    """
    sockets: list[socket.socket] = []
    while len(sockets) < count:
        with suppress(OSError):
            sockets.append(socket.create_server(("127.0.0.1", random.choice(_NOT_GIVEN))))  # noqa: S311 - no secret
    numbers = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return numbers


_NOT_GIVEN = range(20_000, 32_768)
"""Below what Linux, macOS and Windows give to connections, unless they are told otherwise."""


def is_taken(port: int) -> bool:
    """Tell whether anything listens on this port of this machine."""
    return any(
        _answers(family, address, port)
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    )


def holder(port: int) -> str:
    """Describe what listens on a port, as far as this user can see: `by node, process 4711`."""
    command = (str(virtualenv.PYTHON), "-c", _NAME_HOLDER, str(port))
    answer = ""
    with suppress(OSError):
        answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return f"by {answer.strip() or 'another program'}"


# The standard library can't look this up on every system; psutil, one of the bot's packages, can.
_NAME_HOLDER = """
import psutil, sys
for socket in psutil.net_connections("tcp"):
    if socket.status == "LISTEN" and socket.laddr.port == int(sys.argv[1]) and socket.pid:
        print(f"{psutil.Process(socket.pid).name()}, process {socket.pid}")
        break
"""


def _answers(family: socket.AddressFamily, address: str, port: int) -> bool:
    with suppress(OSError), socket.socket(family) as probe:
        probe.settimeout(0.5)  # Windows keeps trying a closed port for seconds
        return probe.connect_ex((address, port)) == 0
    return False


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Fault(f"{name}={text} isn't a port: use a number from 1 to 65535.")
    return int(text)
