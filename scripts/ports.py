"""The ports of the local stage: which they are, how to change them, and who holds a taken one."""

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
    """One port for each server of the stage; each can be changed by a variable."""

    bot: int = 3978
    tables: int = 10002
    sandbox: int = 8443
    identity: int = 8444
    developer: int = 56150
    approver: int = 56151

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the ports that the environment changes; raise Fault for what is no port."""
        given = {
            field.name: _port(name, environment[name])
            for field in fields(cls)
            if (name := variable(field.name)) in environment
        }
        return cls(**given)

    @classmethod
    def free(cls) -> Self:
        """Take ports that nobody uses, for a stage beside another one."""
        names = [field.name for field in fields(cls)]
        return cls(**dict(zip(names, free_ports(len(names)), strict=True)))

    def require_free(self) -> None:
        """Raise Fault naming every port that is taken, by whom, and what to do about it."""
        complaints = [
            f"Port {number} is taken {holder(number)}: "
            f"stop that, or set {variable(name)}=… to use another port."
            for name, number in vars(self).items()
            if is_taken(number)
        ]
        if complaints:
            raise Fault("\n".join(complaints))


def variable(name: str) -> str:
    """Name the environment variable that changes a port."""
    return "PORT" if name == "bot" else f"{name.upper()}_PORT"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses now, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return numbers


def is_taken(port: int) -> bool:
    """Tell whether anybody listens on this port of this machine."""
    return any(
        _answers(family, address, port)
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    )


def holder(port: int) -> str:
    """Say who listens on a port, as far as this user may know: `by node, process 4711`."""
    command = (str(virtualenv.PYTHON), "-c", _NAME_HOLDER, str(port))
    answer = ""
    with suppress(OSError):
        answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return f"by {answer.strip() or 'another program'}"


# psutil is among the bot's packages and knows this on every system; the standard library does not.
_NAME_HOLDER = """
import psutil, sys
for socket in psutil.net_connections("tcp"):
    if socket.status == "LISTEN" and socket.laddr.port == int(sys.argv[1]) and socket.pid:
        print(f"{psutil.Process(socket.pid).name()}, process {socket.pid}")
        break
"""


def _answers(family: socket.AddressFamily, address: str, port: int) -> bool:
    with suppress(OSError), socket.socket(family) as probe:
        probe.settimeout(0.5)  # Windows goes on trying a closed port for seconds
        return probe.connect_ex((address, port)) == 0
    return False


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Fault(f"{name}={text} is no port: give a number from 1 to 65535.")
    return int(text)
