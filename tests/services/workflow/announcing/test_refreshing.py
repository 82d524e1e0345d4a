"""Which clients get cards that refresh themselves."""

import pytest

from services.workflow.announcing.refreshing import knows_refresh


@pytest.mark.parametrize(
    ("service_url", "knows"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:56150/_connector", False),
    ],
)
def test_teams_refreshes_cards_and_the_playground_cannot(service_url: str, knows: bool) -> None:
    assert knows_refresh(service_url) == knows
