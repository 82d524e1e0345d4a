"""An approval that has to be confirmed with a sign-in, in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from scripts.local.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.playground import Card, Playground

pytestmark = pytest.mark.e2e

PAGE: ViewportSize = {"width": 900, "height": 720}
SENTENCE: ViewportSize = {"width": 900, "height": 300}
ASKED = "request secret demo-db-password for 2m because migration of the orders table"


async def test_an_approval_counts_once_the_approver_has_signed_in(
    stage: Stage, new_page: NewPage, screenshots: Path
) -> None:
    dana = Playground(await new_page(), stage.developer.url)
    avery = Playground(await new_page(), stage.approver.url)
    azure = await new_page()
    await dana.open()
    await avery.open()
    await azure.goto(stage.sandbox_url)

    await dana.say(ASKED)
    confirm = await _approve(avery)
    await avery.screenshot(screenshots / "step-up-1-confirm.png")
    entra = await confirm.follow("Sign in")
    await entra.get_by_role("radio", name="Robin Reviewer").check()
    await _sign_in(entra, "You signed in with another account")
    await avery.wait_for_text("didn't count")
    await expect(_access(azure)).not_to_contain_text("Dana Developer")
    await avery.screenshot(screenshots / "step-up-4-not-confirmed.png")

    entra = await (await _approve(avery)).follow("Sign in")
    await expect(entra.get_by_role("radio", name="Avery Approver")).to_be_checked()
    await entra.set_viewport_size(PAGE)
    await entra.screenshot(path=screenshots / "step-up-2-sign-in.png")
    await _sign_in(entra, "you can go back to Teams")
    await entra.set_viewport_size(SENTENCE)
    await entra.screenshot(path=screenshots / "step-up-3-back.png")

    await dana.wait_for_text("Access granted")
    await avery.wait_for_text("Approved by Avery Approver")
    await expect(_access(azure)).to_contain_text("Dana Developer")


async def _approve(avery: Playground) -> Card:
    """Press Approve; return the card that asks for a sign-in."""
    await (await _card(avery, "Dana Developer asks to read demo-db-password")).click("Approve")
    return await _card(avery, "Your approval doesn't count until then")


async def _sign_in(entra: Page, said: str) -> None:
    """Press the button on Entra's page; the bot's page has to say this afterwards."""
    await entra.get_by_role("button", name="Sign in").click()
    await expect(entra.get_by_role("main")).to_contain_text(said)


async def _card(window: Playground, text: str) -> Card:
    await window.wait_for_text(text)
    return window.card_with(text)


def _access(azure: Page) -> Locator:
    return azure.get_by_role("region", name="Temporary access")
