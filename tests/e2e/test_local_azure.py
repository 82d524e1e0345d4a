"""The page of the local Azure, in a real browser, by keyboard, in both themes, and narrow."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from sandbox.prepared import PREPARED
from sandbox.roles import KEY_VAULT_SECRETS_USER
from sandbox.seed import BOT, DANA, DEMO_API_KEY, VAULT
from sandbox.stored.assignments import StoredAssignment
from tests.e2e.axe import violations
from tests.e2e.conftest import NewPage
from tests.support.sandbox import Sandbox, running_sandbox

pytestmark = pytest.mark.e2e

REFUSED = "Refuse the next change of app settings"
LEFT = timedelta(seconds=90)
GONE_MS = 10_000


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
async def page(sandbox: Sandbox, new_page: NewPage) -> Page:
    page = await new_page()
    await page.goto(sandbox.endpoints.page_url)
    await expect(page.get_by_text("UTC")).to_be_visible()
    return page


def grant(sandbox: Sandbox) -> StoredAssignment:
    """Give Dana access as Latchkey does, with its end in the description."""
    now = sandbox.clock()
    end = (now + LEFT).strftime("%Y-%m-%dT%H:%M:%SZ")
    assignment = StoredAssignment(
        name="7a1f4d0e-0000-4000-8000-000000000001",
        scope=sandbox.seed.vault_scope(VAULT),
        principal_id=DANA.id,
        principal_type="User",
        role=KEY_VAULT_SECRETS_USER,
        description=f"Latchkey req-7f3k2m9a: access to {DEMO_API_KEY}, expires {end}",
        condition=None,
        created_on=now,
        created_by=BOT.id,
    )
    sandbox.state.assignments.add(assignment)
    return assignment


async def test_a_grant_counts_down_and_shows_who_can_read(sandbox: Sandbox, page: Page) -> None:
    access = page.get_by_role("region", name="Temporary access")
    reader = page.get_by_role("row", name="Dana Developer").first
    await expect(reader.get_by_role("cell", name="yes")).to_have_count(0)

    assignment = grant(sandbox)
    await expect(access).to_contain_text("Dana Developer")
    await expect(access).to_contain_text("1:2")
    await expect(reader.get_by_role("cell", name="yes")).not_to_have_count(0)
    await expect(page.locator("#news")).to_contain_text("Access granted to Dana Developer")

    sandbox.state.assignments.remove(assignment, sandbox.clock())
    await expect(access).not_to_contain_text("Dana Developer", timeout=GONE_MS)
    await expect(reader.get_by_role("cell", name="yes")).to_have_count(0)


async def test_each_fault_has_a_button_that_says_what_it_does(page: Page) -> None:
    buttons = page.get_by_role("region", name="Make something fail").get_by_role("button")
    await expect(buttons).to_have_count(len(PREPARED))

    for prepared in PREPARED:
        button = page.get_by_role("button", name=prepared.title, exact=True)
        await expect(button).to_have_accessible_description(prepared.effect)
        await expect(button).to_have_attribute("aria-pressed", "false")


async def test_a_fault_is_made_and_taken_back_by_keyboard(sandbox: Sandbox, page: Page) -> None:
    button = page.get_by_role("button", name=REFUSED)
    await _tab_to(page, button)

    await page.keyboard.press("Space")
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(button).to_contain_text("on")
    await expect(page.locator("#news")).to_have_text(f"{REFUSED}: on.")
    await expect(button).to_be_focused()
    assert len(sandbox.state.faults.pending) == 1

    await page.keyboard.press("Enter")
    await expect(button).to_have_attribute("aria-pressed", "false")
    assert sandbox.state.faults.pending == []


async def test_a_fault_that_has_struck_is_off_again(sandbox: Sandbox, page: Page) -> None:
    button = page.get_by_role("button", name=REFUSED)
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")

    settings = f"{sandbox.seed.site_scope('demo-app')}/config/appsettings?api-version=2024-11-01"
    async with sandbox.session.put(f"{sandbox.base_url}{settings}", json={}) as answer:
        assert answer.status == 409

    await expect(button).to_have_attribute("aria-pressed", "false")
    await expect(button).to_contain_text("off")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_it_fits_a_phone_and_a_desk_in_both_themes(
    sandbox: Sandbox, page: Page, theme: str, screenshots: Path
) -> None:
    grant(sandbox)
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    await page.get_by_role("button", name="Answer slowly").click()
    await expect(page.get_by_role("region", name="Temporary access")).to_contain_text("Dana")

    scrolling = page.get_by_role("group", name="Secrets and their versions")
    for width, tables in ((360, 1), (1280, 0)):
        await page.set_viewport_size({"width": width, "height": 800})
        needed = await page.evaluate("document.documentElement.scrollWidth")
        assert needed <= width
        await expect(scrolling).to_have_count(tables)
        assert await violations(page) == []
        await page.screenshot(path=screenshots / f"azure-{theme}-{width}.png", full_page=True)


async def test_a_table_that_is_too_wide_can_be_scrolled_by_keyboard(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 800})
    table = page.get_by_role("group", name="Secrets and their versions")
    last = table.get_by_role("columnheader").last
    await expect(last).not_to_be_in_viewport()
    await _tab_to(page, table)

    for _ in range(30):
        await page.keyboard.press("ArrowRight")

    await expect(last).to_be_in_viewport()


async def _tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus; a person has no other way to it."""
    await expect(wanted).to_be_visible()
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError("the keyboard doesn't reach it")
