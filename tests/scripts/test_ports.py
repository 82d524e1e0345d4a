"""The ports of the stage can be changed, and a taken one is named."""

import os
import socket
import sys
from dataclasses import astuple, replace

import pytest

from scripts.faults import Fault
from scripts.ports import Ports, holder


def test_a_taken_port_is_named_with_what_to_do_about_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ports = replace(Ports.free(), bot=port)

        with pytest.raises(Fault) as fault:
            ports.require_free()

    assert str(fault.value).startswith(f"Port {port} is taken by ")
    assert str(fault.value).endswith("stop that, or set PORT=… to use another port.")


def test_all_taken_ports_are_named_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ports = replace(Ports.free(), sandbox=port, developer=port)

        with pytest.raises(Fault) as fault:
            ports.require_free()

    assert "SANDBOX_PORT=…" in str(fault.value)
    assert "DEVELOPER_PORT=…" in str(fault.value)


@pytest.mark.skipif(sys.platform == "darwin", reason="there only root may know")
def test_the_holder_of_a_port_is_named_with_its_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        named = holder(server.getsockname()[1])

    assert named.endswith(f", process {os.getpid()}")


def test_free_ports_are_free_and_all_different() -> None:
    ports = Ports.free()

    ports.require_free()
    assert len(set(astuple(ports))) == len(astuple(ports))


def test_a_variable_changes_a_port() -> None:
    ports = Ports.from_environment({"PORT": "4000", "TABLES_PORT": "4001"})

    assert ports == replace(Ports(), bot=4000, tables=4001)


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "3978.0"])
def test_what_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(Fault, match=f"APPROVER_PORT={text} is no port"):
        Ports.from_environment({"APPROVER_PORT": text})
