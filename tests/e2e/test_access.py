"""The README's first walk-through, in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from scripts.local.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.playground import Card, Playground

pytestmark = pytest.mark.e2e

WINDOW_SECONDS = 20
CHANNEL = "Latchkey audit"


async def test_access_is_requested_approved_visible_and_gone_again(
    stage: Stage, new_page: NewPage, screenshots: Path
) -> None:
    dana = Playground(await new_page(), stage.developer.url)
    approver_page = await new_page()
    avery = Playground(approver_page, stage.approver.url)
    azure = await new_page()
    await dana.open()
    await avery.open()
    await azure.goto(stage.sandbox_url)

    await dana.say("request secret demo-api-key")
    form = await _card(dana, "Why do you need it")
    await form.fill("Justification", "Smoke test of the payments page after release 42")
    await form.fill("For how long", f"{WINDOW_SECONDS}s")
    await dana.screenshot(screenshots / "access-1-form.png")
    await form.click("Send for approval")
    await dana.wait_for_text("Sent for approval")

    card = await _card(avery, "Dana Developer asks to read demo-api-key")
    await avery.screenshot(screenshots / "access-2-approve.png")
    await card.click("Approve")

    await dana.wait_for_text("Access granted")
    await dana.wait_for_text("az keyvault secret show")
    await avery.wait_for_text("Approved by Avery Approver")
    await expect(_access(azure)).to_contain_text("Dana Developer")
    await dana.screenshot(screenshots / "access-3-granted.png")
    await azure.screenshot(path=screenshots / "access-4-azure.png")

    await expect(_access(azure)).not_to_contain_text(
        "Dana Developer", timeout=(WINDOW_SECONDS + 15) * 1000
    )
    await dana.wait_for_text("Azure confirms it")

    await avery.open_channel(CHANNEL)
    for step in (
        "Access requested",
        "Approved",
        "Access granted",
        "Access expired",
        "Access revoked",
    ):
        await avery.wait_for_text(step)
    await approver_page.set_viewport_size({"width": 1280, "height": 2000})
    await avery.screenshot(screenshots / "access-5-audit.png")


async def test_a_denied_request_grants_nothing_and_says_why(
    stage: Stage, new_page: NewPage
) -> None:
    dana = Playground(await new_page(), stage.developer.url)
    avery = Playground(await new_page(), stage.approver.url)
    azure = await new_page()
    await dana.open()
    await avery.open()
    await azure.goto(stage.sandbox_url)

    await dana.say("request secret demo-api-key for 1m because I am curious")
    card = await _card(avery, "Dana Developer asks to read demo-api-key")
    await card.click("Deny…")
    await card.fill("Reason", "Ask the payments team first")
    await card.click("Deny")

    await dana.wait_for_text("Ask the payments team first")
    await avery.wait_for_text("Denied by Avery Approver")
    await expect(_access(azure)).not_to_contain_text("Dana Developer")


async def _card(window: Playground, text: str) -> Card:
    await window.wait_for_text(text)
    return window.card_with(text)


def _access(azure: Page) -> Locator:
    return azure.get_by_role("region", name="Temporary access")
