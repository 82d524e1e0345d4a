"""A real Azurite table service for the tests."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import nodejs
from scripts.local import azurite
from scripts.local.children import Children
from scripts.local.ports import free_ports


@contextmanager
def running_azurite(directory: Path) -> Iterator[str]:
    """Run Azurite's table service on a free port, with its log in `directory`.

    Yields its connection string; raises Fault if it isn't installed or doesn't start. Rows are
    kept in memory and shared by all tests in a session: each uses its own tables.
    """
    (port,) = free_ports(1)
    node = nodejs.installed()
    children = Children(directory, threading.Event())
    try:
        children.start(azurite.program(node, port, os.environ, directory))
        yield azurite.connection_string(port)
    finally:
        children.stop()
