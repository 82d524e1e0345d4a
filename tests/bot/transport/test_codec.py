"""Dialog state as JSON: allowed classes come back, and no others are created."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botbuilder.core import MessageFactory
from botbuilder.dialogs import DialogInstance, DialogState, PromptOptions
from botbuilder.schema import Attachment

from bot.transport.codec import NotStorable, decode, encode


@pytest.mark.parametrize(
    "document",
    [
        {"$type": "os.system"},
        {"$type": "builtins.eval", "source": "1"},
        {"$type": "Attachment", "content": {}},
        {"$type": ["DialogState"]},
        {"$type": "DialogState"},
        {"$type": "PromptOptions", "surprise": 1},
        {"$type": "Activity", "wire": "text"},
    ],
)
def test_an_unlisted_or_incomplete_class_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(NotStorable):
        decode({"state": document})


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, b"bytes", datetime(2026, 3, 2, tzinfo=UTC), {1: "number"}, Attachment()],
)
def test_an_unlisted_class_is_refused_before_it_is_written(value: object) -> None:
    with pytest.raises(NotStorable):
        encode({"state": value})


def test_a_form_cannot_name_a_class() -> None:
    form = {"$type": "Activity", "$$type": "x", "$": "y", "plain": ["z", {"$type": 1}]}

    assert decode(encode(form)) == form


def test_dialog_state_keeps_its_classes() -> None:
    prompt = MessageFactory.text("Why do you need it?")
    prompt.attachments = [Attachment(content_type="card", content={"body": [None, 1.5, "x"]})]
    options = PromptOptions(prompt=prompt, number_of_attempts=2)
    state = DialogState([DialogInstance("why", {"options": options, "state": {}, "step": 1})])

    restored = decode(encode({"dialog": state}))["dialog"]

    [instance] = restored.dialog_stack
    assert (instance.id, instance.state["step"]) == ("why", 1)
    assert instance.state["options"].number_of_attempts == 2
    assert prompt.serialize() == instance.state["options"].prompt.serialize()
