"""Every card is what Microsoft's own models of Adaptive Cards allow, in names and in values."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from microsoft_teams import cards as microsofts
from pydantic import BaseModel

from cards.kit.elements import Content
from tests.cards.gallery import every_card

MODELS: dict[str, type[BaseModel]] = {
    model.model_fields["type"].default: model
    for _, model in inspect.getmembers(microsofts, inspect.isclass)
    if issubclass(model, BaseModel) and "type" in model.model_fields
}
ANYTHING = (microsofts.CardElement, microsofts.Action, microsofts.SubmitActionData)
"""An element of any kind, which is looked at by itself; and the data of a button."""


@pytest.fixture(scope="module")
def cards() -> dict[str, Content]:
    return every_card("Dana")


def elements(value: object) -> Iterator[dict[str, Any]]:
    """Yield everything on a card that says what it is, except in the data of buttons."""
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for name, inner in value.items():
            if name != "data" or value.get("type") != "Action.Execute":
                yield from elements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from elements(inner)


def unknown(model: BaseModel) -> Iterator[str]:
    """Yield the properties that a model doesn't have, and those of the parts without a type."""
    yield from model.model_extra or ()
    for _, value in model:
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, BaseModel) and type(part) not in ANYTHING:
                yield from unknown(part)


def test_each_element_has_only_properties_and_values_that_microsoft_knows(
    cards: dict[str, Content],
) -> None:
    for name, content in cards.items():
        for element in elements(content):
            model = MODELS[element["type"]].model_validate(element)

            assert (name, element["type"], [*unknown(model)]) == (name, element["type"], [])


def test_cards_are_many_kinds_of_elements(cards: dict[str, Content]) -> None:
    kinds = {element["type"] for content in cards.values() for element in elements(content)}

    assert {"Chart.Line", "Input.ChoiceSet", "Table", "Action.ShowCard"} <= kinds
