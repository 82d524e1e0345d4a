"""The ports of the local stage: which they are, how to change them, and who holds a taken one."""

import socket
import subprocess
from collections.abc import Mapping
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
        """Read the ports that the environment changes; raise Fault for one that is no port."""
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
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
        numbers = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        return cls(**dict(zip(names, numbers, strict=True)))

    def require_free(self) -> None:
        """Raise Fault naming every port that is taken, by whom, and what to do about it."""
        complaints = [
            f"Port {number} is taken ({holder(number)}): "
            f"stop that, or set {variable(name)}=… to use another port."
            for name, number in vars(self).items()
            if is_taken(number)
        ]
        if complaints:
            raise Fault("\n".join(complaints))


def variable(name: str) -> str:
    """Name the environment variable that changes a port."""
    return "PORT" if name == "bot" else f"{name.upper()}_PORT"


def is_taken(port: int) -> bool:
    """Tell whether anybody listens on this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def holder(port: int) -> str:
    """Name the process that listens on a port, as far as this user may know."""
    command = (str(virtualenv.PYTHON), "-c", _NAME_HOLDER, str(port))
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return f"by {answer or 'a process of another user'}"


# psutil is among the bot's packages, and knows this on every system; the standard library does not.
_NAME_HOLDER = """
import psutil, sys
for socket in psutil.net_connections("tcp"):
    if socket.status == "LISTEN" and socket.laddr.port == int(sys.argv[1]) and socket.pid:
        print(psutil.Process(socket.pid).name() + f", process {socket.pid}")
        break
"""


def _port(name: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Fault(f"{name}={text} is no port: give a number from 1 to 65535.")
    return int(text)
