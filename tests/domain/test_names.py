"""Names as sentences have them."""

import pytest

from domain.names import listed


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["Ada"], "Ada"), (["Ada", "Bo"], "Ada and Bo"), (list("ABC"), "A, B and C")],
)
def test_names_are_listed_as_a_sentence_does(names: list[str], expected: str) -> None:
    assert listed(names) == expected
