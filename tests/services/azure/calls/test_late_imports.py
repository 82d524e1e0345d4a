"""What is imported late is kept out of garbage collection, as what a start imports is."""

import gc
import sys
from types import ModuleType
from unittest.mock import Mock

import pytest

from services.azure.calls.late_imports import import_late

NAME = "an_sdk_that_few_use"


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Watch `gc.freeze`, without an effect on the other tests."""
    frozen = Mock()
    monkeypatch.setattr(gc, "freeze", frozen)
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 270_000)
    monkeypatch.setitem(sys.modules, NAME, ModuleType(NAME))
    del sys.modules[NAME]  # and gone again after the test
    return frozen


def load() -> str:
    sys.modules.setdefault(NAME, ModuleType(NAME))
    return "its client"


async def test_what_is_imported_late_is_not_looked_through_for_garbage(freeze: Mock) -> None:
    assert await import_late(load) == "its client"
    assert await import_late(load) == "its client"

    freeze.assert_called_once()  # the second time, it was there


async def test_nothing_is_kept_out_where_the_program_keeps_out_nothing(
    freeze: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 0)

    await import_late(load)

    freeze.assert_not_called()
