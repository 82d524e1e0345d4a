"""The README's second walk-through, in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from scripts.local.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.playground import PATIENCE_SECONDS, Card, Playground

pytestmark = pytest.mark.e2e

Json = dict[str, Any]

CHANNEL = "Latchkey audit"
SECRET, SETTING = "app-api-key", "API_KEY"
LATENCY_SECONDS = 0.8
"""Azure's latency, so that the steps can be watched."""
TALL: ViewportSize = {"width": 1280, "height": 1130}
TALLER: ViewportSize = {"width": 1280, "height": 1480}
TALLEST: ViewportSize = {"width": 1280, "height": 1740}
WHOLE_ROTATION_SECONDS = 60


async def test_a_rotation_can_be_watched_step_by_step(
    stage: Stage, new_page: NewPage, screenshots: Path
) -> None:
    page, azure = await new_page(), await new_page()
    avery = Playground(page, stage.approver.url)
    await page.set_viewport_size(TALL)
    await avery.open()
    await azure.goto(stage.sandbox_url)
    before = await _current_version(azure)
    await _order(azure, stage, "PATCH", "knobs", {"latency_seconds": LATENCY_SECONDS})

    await avery.say(f"rotate {SECRET}")
    plan = await _card(avery, "Rotate this secret?")
    await plan.has(f"demo-app {SETTING}", "Contains the current value itself")
    await avery.screenshot(screenshots / "rotation-1-plan.png")
    await plan.click("Rotate")

    await avery.wait_for_text("Propagate running", WHOLE_ROTATION_SECONDS)
    await avery.screenshot(screenshots / "rotation-2-steps.png")
    card = await _card(avery, "Rotated, old version not retired yet")
    await card.has("Capture done", "Write done", "Propagate done", "Verify done", "Retire next")

    await expect(_versions(azure).first).not_to_contain_text(before)
    after = await _current_version(azure)
    await card.has(f"{before} → {after}")
    await expect(_setting(azure)).to_contain_text(f"= {SECRET}")
    await expect(_setting(azure)).not_to_contain_text(before)
    await avery.screenshot(screenshots / "rotation-3-rotated.png")
    await _setting(azure).scroll_into_view_if_needed()
    await azure.screenshot(path=screenshots / "rotation-4-azure.png")

    await avery.open_channel(CHANNEL)
    for post in ("Rotation started", "Rotated"):
        await avery.wait_for_text(post)
    await page.set_viewport_size(TALLEST)
    await avery.screenshot(screenshots / "rotation-5-audit.png")


async def test_a_rotation_that_azure_refuses_is_rolled_back(
    stage: Stage, new_page: NewPage, screenshots: Path
) -> None:
    page, azure = await new_page(), await new_page()
    avery = Playground(page, stage.approver.url)
    await page.set_viewport_size(TALL)
    await avery.open()
    await azure.goto(stage.sandbox_url)
    faults = azure.get_by_role("region", name="Make something fail")
    refusal = faults.get_by_role("button", name="Refuse the next change of app settings")
    await refusal.click()
    await expect(refusal).to_have_attribute("aria-pressed", "true")
    await faults.screenshot(path=screenshots / "rotation-6-fault.png")

    await avery.say(f"rotate {SECRET}")
    await (await _card(avery, "Rotate this secret?")).click("Rotate")

    card = await _card(avery, "Rotation failed, rolled back", WHOLE_ROTATION_SECONDS)
    await card.has("ScopeLocked", "Write undone", "Propagate failed")
    await expect(_setting(azure)).to_contain_text(f"= {SECRET}")
    for number, state in enumerate(("current", "disabled", "enabled", "disabled")):
        await expect(_states(azure).nth(number)).to_have_text(state)
    await page.set_viewport_size(TALLER)
    await avery.screenshot(screenshots / "rotation-7-rolled-back.png")

    await avery.open_channel(CHANNEL)
    await avery.wait_for_text("Rotation failed, rolled back")


async def _card(window: Playground, text: str, seconds: float = PATIENCE_SECONDS) -> Card:
    await window.wait_for_text(text, seconds)
    return window.card_with(text)


async def _order(azure: Page, stage: Stage, method: str, what: str, order: Json) -> None:
    """Change how the local Azure behaves."""
    answer = await azure.request.fetch(
        f"{stage.sandbox_url}/sandbox/{what}", method=method, data=order
    )
    assert answer.ok


def _versions(azure: Page) -> Locator:
    """Return the rows of the secret's versions, newest first; the name is in the first row."""
    return azure.get_by_role("region", name="Secrets and their versions").locator("tbody tr")


def _states(azure: Page) -> Locator:
    return _versions(azure).locator("td:nth-child(3)")


async def _current_version(azure: Page) -> str:
    return await _versions(azure).first.locator("code").inner_text()


def _setting(azure: Page) -> Locator:
    """Return the row of the dependent setting."""
    rows = azure.get_by_role("region", name="App settings").get_by_role("row")
    return rows.filter(has_text=SETTING).first
