"""The whole system on free ports, and a browser context for each person."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from scripts import nodejs
from scripts.local import browser as machine
from scripts.local.ports import Ports
from scripts.local.stage import Stage

# Without these, Chromium contacts Google's hosts at every start.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)

NewPage = Callable[[], Awaitable[Page]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, help="Where to save screenshots")


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the screenshot folder: the requested one, or a temporary one."""
    folder = request.config.getoption("--screenshots") or tmp_path_factory.mktemp("screenshots")
    path = Path(str(folder))
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Run the whole system, as ``make run`` does, next to anything else running here."""
    with Stage(nodejs.ensure(), Ports.free(), os.environ, folder=tmp_path) as running:
        running.start()
        yield running


@pytest.fixture
def german_stage(tmp_path: Path) -> Iterator[Stage]:
    """Run the whole system for people whose Teams is in German."""
    ports = Ports.free()
    with Stage(nodejs.ensure(), ports, os.environ, folder=tmp_path, locale="de-DE") as running:
        running.start()
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        program = machine.find(os.environ)
        launched = await playwright.chromium.launch(executable_path=program, args=list(_QUIET))
        yield launched
        await launched.close()


@pytest.fixture
async def new_page(browser: Browser) -> AsyncIterator[NewPage]:
    """Open pages, each in its own context: tabs of one window slow each other down."""
    async with AsyncExitStack() as contexts:

        async def open_page() -> Page:
            context = await browser.new_context(
                viewport={"width": 1280, "height": 800},
                ignore_https_errors=True,  # the sandbox signs its own certificate
                locale="en-GB",
                timezone_id="UTC",
            )
            contexts.push_async_callback(context.close)
            return await context.new_page()

        yield open_page
