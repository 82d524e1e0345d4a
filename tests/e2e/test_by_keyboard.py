"""A request and its approval without a mouse, and how little a newcomer has to do."""

import pytest
from playwright.async_api import Locator

from scripts.local.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.playground import Playground

pytestmark = pytest.mark.e2e

MOST_TABS = 150
_HAS_FOCUS = "element => element.contains(document.activeElement)"


async def test_access_is_asked_for_and_approved_by_keyboard(
    stage: Stage, new_page: NewPage
) -> None:
    page, approver_page = await new_page(), await new_page()
    dana = Playground(page, stage.developer.url)
    avery = Playground(approver_page, stage.approver.url)
    await dana.open()
    await avery.open()

    await _go_to(page.get_by_role("textbox").last, "Tab")
    await page.keyboard.insert_text("request secret demo-api-key")
    await page.keyboard.press("Enter")
    await dana.wait_for_text("Why do you need it")
    # The form is above the box where lines are typed.
    await _go_to(page.get_by_label("Justification"), "Shift+Tab")
    await page.keyboard.insert_text("Smoke test of the payments page")
    await _go_to(page.get_by_label("For how long"), "Tab")
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text("2m")
    await _go_to(page.get_by_role("button", name="Send for approval"), "Tab")
    await page.keyboard.press("Enter")

    await avery.wait_for_text("Dana Developer asks to read demo-api-key")
    await _go_to(approver_page.get_by_role("button", name="Approve", exact=True), "Tab")
    await approver_page.keyboard.press("Enter")
    await dana.wait_for_text("Access granted")


async def test_a_newcomer_has_access_with_one_line_and_one_click(
    stage: Stage, new_page: NewPage
) -> None:
    dana = Playground(await new_page(), stage.developer.url)
    avery = Playground(await new_page(), stage.approver.url)
    await dana.open()
    await avery.open()

    # The line that `make run` prints.
    await dana.say("request secret demo-api-key for 2m because smoke test")
    await avery.wait_for_text("Dana Developer asks to read demo-api-key")
    await avery.card_with("Dana Developer asks to read demo-api-key").click("Approve")

    await dana.wait_for_text("Access granted")


async def _go_to(target: Locator, key: str) -> None:
    """Press a key until an element has the focus."""
    for _ in range(MOST_TABS):
        if await target.evaluate(_HAS_FOCUS):
            return
        await target.page.keyboard.press(key)
    raise AssertionError(f"the keyboard doesn't reach {target}")
