"""The owners named in a secret's tags."""

from collections.abc import Mapping

import pytest

from domain.rotation.owners import owners_in


@pytest.mark.parametrize(
    ("tags", "owners"),
    [
        ({}, ()),
        ({"team": "ada@x.y"}, ()),
        ({"owner": ""}, ()),
        ({"owner": "ada@x.y"}, ("ada@x.y",)),
        ({"Owner": "Ada@X.y"}, ("ada@x.y",)),
        ({"owner": " ada@x.y, bo@x.y;cy@x.y  dana@x.y,"}, ("ada", "bo", "cy", "dana")),
        ({"approvers": "bo@x.y", "owner": "ada@x.y, bo@x.y"}, ("ada", "bo")),
    ],
)
def test_owners_are_named_once_in_the_order_of_the_tags(
    tags: Mapping[str, str], owners: tuple[str, ...]
) -> None:
    expected = tuple(one if "@" in one else f"{one}@x.y" for one in owners)

    assert owners_in(tags) == expected


def test_only_the_first_twenty_owners_count() -> None:
    named = [f"person-{number}@x.y" for number in range(25)]

    assert owners_in({"owner": " ".join(named)}) == tuple(named[:20])
