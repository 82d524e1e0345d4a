"""A request that is made in a channel, in a real browser."""

import pytest

from scripts.local.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.playground import Playground

pytestmark = pytest.mark.e2e

CHANNEL = "Latchkey audit"


async def test_the_form_comes_into_ones_own_chat_and_the_thread_gets_the_outcome(
    stage: Stage, new_page: NewPage
) -> None:
    dana = Playground(await new_page(), stage.developer.url)
    avery = Playground(await new_page(), stage.approver.url)
    await dana.open()
    await avery.open()

    await dana.open_channel(CHANNEL)
    await dana.say("request secret demo-api-key")
    await dana.wait_for_text("in our own chat")
    await dana.open_chat()
    await dana.wait_for_text("Why do you need it")
    form = dana.card_with("Why do you need it")
    # After a change of chats, the first click draws the card anew, without what was filled in.
    await form.click("Send for approval")
    await form.has("Say why you need it")
    await form.fill("Justification", "Smoke test of the payments page")
    await form.fill("For how long", "5m")
    await form.click("Send for approval")
    await dana.wait_for_text("Sent for approval")
    await avery.wait_for_text("Dana Developer asks to read demo-api-key")
    await avery.card_with("Dana Developer asks to read demo-api-key").click("Approve")

    await dana.wait_for_text("Access granted")
    await dana.open_channel(CHANNEL)
    await dana.wait_for_text("Access granted")
