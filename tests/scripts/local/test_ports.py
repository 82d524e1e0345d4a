"""The local ports can be changed, and taken ones are reported."""

import os
import socket
import sys
from dataclasses import astuple, replace

import pytest

from scripts.faults import Fault
from scripts.local.ports import Ports, free_ports, holder


def test_a_taken_port_is_reported_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ports = replace(Ports.free(), bot=port)

        with pytest.raises(Fault) as fault:
            ports.require_free()

    assert str(fault.value).startswith(f"Port {port} is in use by ")
    assert str(fault.value).endswith("stop it, or set PORT=… to use another port.")


def test_all_taken_ports_are_reported_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ports = replace(Ports.free(), sandbox=port, developer=port)

        with pytest.raises(Fault) as fault:
            ports.require_free()

    assert "SANDBOX_PORT=…" in str(fault.value)
    assert "DEVELOPER_PORT=…" in str(fault.value)


@pytest.mark.skipif(sys.platform == "darwin", reason="only root can look this up there")
def test_the_process_using_a_port_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        named = holder(server.getsockname()[1])

    assert named.endswith(f", process {os.getpid()}")


def test_free_ports_are_none_that_the_system_gives_to_connections() -> None:
    assert all(20_000 <= port < 32_768 for port in free_ports(50))


def test_free_ports_are_free_and_all_different() -> None:
    ports = Ports.free()

    ports.require_free()
    assert len(set(astuple(ports))) == len(astuple(ports))


def test_a_variable_changes_a_port() -> None:
    ports = Ports.from_environment({"PORT": "4000", "TABLES_PORT": "4001"})

    assert ports == replace(Ports(), bot=4000, tables=4001)


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "3978.0"])
def test_an_invalid_port_is_reported_with_its_variable(text: str) -> None:
    with pytest.raises(Fault, match=f"APPROVER_PORT={text} isn't a port"):
        Ports.from_environment({"APPROVER_PORT": text})
