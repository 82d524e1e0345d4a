"""How `why` is typed."""

import pytest

from bot.handlers.lines.command import Line
from bot.handlers.lines.why_command import Why, read_why


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("why demo-api-key", Why("demo-api-key")),
        ("WHY secret Demo-Api-Key", Why("Demo-Api-Key")),
        ("why “demo-api-key”.", Why("demo-api-key")),
        ("why secret", Why("secret")),
        ("why secret @me", Why("secret", "@me")),
        ("why demo-api-key @dana@contoso.com", Why("demo-api-key", "@dana@contoso.com")),
        ("why demo-api-key for dana@contoso.com.", Why("demo-api-key", "dana@contoso.com")),
        ("why the demo-api-key about Dana Developer", Why("demo-api-key", "Dana Developer")),
        ("why demo-api-key Dana Developer", Why("demo-api-key", "Dana Developer")),
        ("why", None),
    ],
)
def test_a_secret_and_a_person_are_read(typed: str, expected: Why | None) -> None:
    assert read_why(Line.of(typed)) == expected
