"""The cards in the Playground, as axe sees them; the local Azure's page is in its own tests."""

import pytest

from scripts.local.stage import Stage
from tests.e2e.axe import violations
from tests.e2e.conftest import NewPage
from tests.e2e.playground import Card, Playground

pytestmark = pytest.mark.e2e

CARDS = ".ac-preview-panel"
RENDERERS = ["aria-allowed-attr", "aria-valid-attr-value"]
"""What the Playground's renderer breaks itself: the box inside a button that opens a part has
`aria-expanded` too, and `aria-controls` names a part that isn't on the page while it is closed."""
ROTATION_SECONDS = 60


async def test_the_cards_of_a_request_and_of_a_rotation_have_no_barriers(
    stage: Stage, new_page: NewPage
) -> None:
    page, approver_page = await new_page(), await new_page()
    dana = Playground(page, stage.developer.url)
    avery = Playground(approver_page, stage.approver.url)
    await dana.open()
    await avery.open()
    found: list[str] = []

    await dana.say("secrets")
    await dana.wait_for_text("What you can request")
    await dana.say("request secret demo-api-key")
    form = await _card(dana, "Why do you need it")
    found += await violations(page, CARDS, without=RENDERERS)
    await form.fill("Justification", "Smoke test")
    await form.fill("For how long", "2m")
    await form.click("Send for approval")
    card = await _card(avery, "Dana Developer asks to read demo-api-key")
    found += await violations(approver_page, CARDS, without=RENDERERS)
    await card.click("Approve")
    await dana.wait_for_text("az keyvault secret show")
    await dana.say("my access")
    await dana.wait_for_text("Your access")
    found += await violations(page, CARDS, without=RENDERERS)

    await avery.say("rotate app-api-key")
    await (await _card(avery, "Rotate this secret?")).click("Rotate")
    await avery.wait_for_text("Rotated, old version not retired yet", ROTATION_SECONDS)
    found += await violations(approver_page, CARDS, without=RENDERERS)

    assert found == []


async def _card(window: Playground, text: str) -> Card:
    await window.wait_for_text(text)
    return window.card_with(text)
