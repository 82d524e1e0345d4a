"""Fixtures for the tests of the rules."""

import time
from collections.abc import Iterator

import pytest


@pytest.fixture
def _far_west(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the machine in a time zone whose day is another."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC+20")
        time.tzset()
        yield
    time.tzset()
