"""How `erase` is typed."""

import pytest

from bot.handlers.lines.command import Line
from bot.handlers.lines.erase_command import Erase, read_erase

OBJECT_ID = "11111111-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (f"erase {OBJECT_ID}", Erase(OBJECT_ID)),
        (f"Erase `{OBJECT_ID}`.", Erase(OBJECT_ID)),
        ("erase @dana@contoso.com", Erase("@dana@contoso.com")),
        ("erase the name of dana@contoso.com", Erase("dana@contoso.com")),
        ("erase Dana Developer", Erase("Dana Developer")),
        ("erase name", Erase("name")),
        ("erase", None),
    ],
)
def test_a_person_is_read(typed: str, expected: Erase | None) -> None:
    assert read_erase(Line.of(typed)) == expected
