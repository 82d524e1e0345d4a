"""Lists of names in sentences."""

import pytest

from domain.names import joined, joined_ids, listed
from tests.support.builders import ADA, BO


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["Ada"], "Ada"), (["Ada", "Bo"], "Ada and Bo"), (list("ABC"), "A, B and C")],
)
def test_names_are_joined_for_a_sentence(names: list[str], expected: str) -> None:
    assert listed(names) == expected


def test_names_are_joined_for_a_fact_in_no_language() -> None:
    assert joined(["Ada", "Bo", "Cy"]) == "Ada, Bo, Cy"


def test_people_are_joined_for_a_fact_by_their_ids() -> None:
    assert joined_ids([ADA, BO.as_person()]) == f"{ADA.object_id} {BO.object_id}"
