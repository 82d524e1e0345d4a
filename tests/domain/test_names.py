"""Lists of names in sentences."""

import pytest

from domain.names import joined, listed


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["Ada"], "Ada"), (["Ada", "Bo"], "Ada and Bo"), (list("ABC"), "A, B and C")],
)
def test_names_are_joined_for_a_sentence(names: list[str], expected: str) -> None:
    assert listed(names) == expected


def test_names_are_joined_for_a_fact_in_no_language() -> None:
    assert joined(["Ada", "Bo", "Cy"]) == "Ada, Bo, Cy"
