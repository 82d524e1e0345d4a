"""Binding the address that the bot listens on."""

import socket

import pytest

from composition.listening import bound
from config import ConfigurationError


@pytest.mark.parametrize("host", ["not a host", "192.0.2.1", "\udcff", "x" * 300])
def test_a_host_that_is_not_this_machine_is_reported(host: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        bound(host, 0)

    assert refused.value.faults == ["HOST: must be an address of this machine"]


def test_a_port_that_is_taken_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError) as refused:
            bound("127.0.0.1", port)

    assert refused.value.faults == [f"PORT: is used by another program: {port}"]


def test_a_name_of_this_machine_is_bound_and_nobody_can_connect_yet() -> None:
    made = bound("localhost", 0)

    try:
        address = made[0].getsockname()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(address[:2], timeout=1)
    finally:
        for each in made:
            each.close()
