"""A real Azurite table service for the tests."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import nodejs
from scripts.children import Children
from scripts.ports import Ports
from scripts.stage import azurite, connection_string


@contextmanager
def running_azurite(directory: Path) -> Iterator[str]:
    """Run Azurite's table service on a free port, with its log in a directory of the test's.

    Yields its connection string; raises Fault when it cannot be started. Rows are kept in memory,
    and all tests of a session share them: each test uses tables or partitions of its own.
    """
    port = Ports.free().tables
    node = nodejs.installed()
    children = Children(directory, threading.Event())
    try:
        children.start(azurite(node, port, os.environ, directory))
        yield connection_string(port)
    finally:
        children.stop()
