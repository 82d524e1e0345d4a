"""A fault that ends a turn says whether the turn may have changed something."""

import pytest
from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.transport.turn import over_sdk
from bot.turn import Turn
from cards.languages.language import ENGLISH
from services.faults import Unavailable
from services.turn_changes import note_change


@pytest.mark.parametrize("has_changed", [True, False])
@pytest.mark.parametrize("is_unknown", [True, False])
async def test_its_outcome_is_unknown_if_the_turn_has_changed_something(
    has_changed: bool, is_unknown: bool
) -> None:
    async def serve(_: Turn) -> None:
        if has_changed:
            note_change()
        raise Unavailable("Table Storage", "504", outcome_unknown=is_unknown)

    with pytest.raises(Unavailable) as raised:
        await over_sdk(serve, ENGLISH)(TurnContext(object(), Activity(type="message")))

    assert raised.value.outcome_unknown is (has_changed or is_unknown)
