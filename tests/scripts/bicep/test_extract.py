"""Only what resources lead to is extracted, and what makes the file larger is left out."""

import json

import pytest

from scripts.bicep.extract import TypesMissingError, written
from tests.scripts.bicep.published import extracted


def test_only_what_the_resources_lead_to_is_extracted() -> None:
    content = extracted("shops")

    assert content["resources"] == {"Microsoft.Shop/shops@2026-01-01": 0}
    assert [one["name"] for one in content["objects"]] == [
        "Microsoft.Shop/shops",
        "Tags",
        "ShopProperties",
        "Shelf",
    ]


def test_the_file_says_where_it_is_from_and_under_which_licence() -> None:
    content = extracted("shops")

    assert content["commit"] == "0123abc"
    assert content["licence"] == "MIT License Copyright (c) Shop"


def test_properties_keep_their_types_and_flags_and_lose_their_descriptions() -> None:
    objects = {one["name"]: one for one in extracted("shops")["objects"]}

    assert objects["Shelf"]["properties"] == {
        "label": [1, "string"],
        "goods": {"list": "string"},
        "parts": {"list": 3},
    }
    assert objects["ShopProperties"]["properties"] == {
        "door": [1, {"literals": ["Open", "Shut"]}],
        "mood": "string",
        "view": {"literals": ["Open"]},  # and, as published, any other string
        "floors": {"is": "int", "minValue": 1, "maxValue": 9},
        "isLit": "bool",
        "code": {"is": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
        "shelves": {"list": 3},
        "address": [2, "string"],
        "key": [4, "string"],
    }


def test_a_type_that_azure_hasnt_published_is_named() -> None:
    with pytest.raises(TypesMissingError, match=r"no Microsoft\.Shop/stalls@"):
        extracted("shops", "stalls")


def test_the_file_has_a_line_for_each_object() -> None:
    content = extracted("shops", "shops/config")

    text = written(dict(content))

    assert json.loads(text) == content
    assert sum(line.startswith('{"name"') for line in text.splitlines()) == len(content["objects"])
