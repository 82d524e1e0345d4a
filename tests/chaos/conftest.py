"""Fixtures of the chaos tests."""

import pytest

from tests.support.deployment import Trust, prepare_trust


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark each test of this folder, for `make chaos`."""
    item.add_marker("cell")


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return prepare_trust(tmp_path_factory.mktemp("trust"))
