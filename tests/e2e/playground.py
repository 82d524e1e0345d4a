"""One person's Agents Playground window, driven in a browser as they would use it."""

from pathlib import Path

from playwright.async_api import Locator, Page, ViewportSize, expect

PATIENCE_SECONDS = 15.0

# A message in a chat, or a post in a channel with its replies. The page repeats their text in its
# log and in the list of chats, so tests only look inside these.
_MESSAGE = 'div:has(> [aria-label="Message header"])'
_WINDOW: ViewportSize = {"width": 1280, "height": 800}
_HIGH = 3_000
_PANEL = ".ac-preview-panel"
_POST = '[role="group"]:has(> div > [id^="fui-CardHeader"]):not(:has-text("Start a new post"))'


class Card:
    """An Adaptive Card in a window."""

    def __init__(self, page: Page, panel: Locator) -> None:
        """Take the card's element in the page."""
        self._page = page
        self._panel = panel

    async def text(self) -> str:
        """Return the card's text, without its answer to the last click."""
        return await self._panel.inner_text()

    async def has(self, *texts: str) -> None:
        """Wait until the card shows all of these texts, ignoring whitespace."""
        for text in texts:
            await expect(self._panel).to_contain_text(text, timeout=PATIENCE_SECONDS * 1000)

    async def answer(self) -> str:
        """Return the text below the card after a click: a message or an error."""
        return (await self._panel.locator("xpath=following-sibling::*").first.inner_text()).strip()

    async def screenshot(self, path: Path) -> None:
        """Save a picture of the card alone, in a window that is high enough for all of it."""
        size = self._page.viewport_size or _WINDOW
        await self._page.set_viewport_size({**size, "height": _HIGH})
        await self._panel.scroll_into_view_if_needed()
        await self._panel.screenshot(path=path, animations="disabled")
        await self._page.set_viewport_size(size)

    async def click(self, button: str) -> None:
        """Press a button; an empty required input stops it, with the input's own error."""
        await self._panel.get_by_role("button", name=button, exact=True).click()

    async def follow(self, link: str) -> Page:
        """Press a button that opens an address in a new tab; return that page."""
        async with self._page.context.expect_page() as opened:
            await self._panel.get_by_role("link", name=link, exact=True).click()
        return await opened.value

    async def fill(self, label: str, value: str) -> None:
        """Replace the text of the input with this label.

        If a click is answered with a message or an error, all of the card's inputs are cleared.
        """
        await self._panel.get_by_label(label).fill(value)

    async def choose(self, label: str, option: str) -> None:
        """Pick an option in the drop-down list with this label."""
        await self._panel.get_by_role("combobox", name=label).click()
        await self._page.get_by_role("option", name=option, exact=True).click()


class Playground:
    """A window: the personal chat with the bot, and the team's channels."""

    def __init__(self, page: Page, url: str) -> None:
        """Take an empty page and the address of the window's Playground."""
        self._page = page
        self._url = url
        self._in_channel = False

    async def open(self) -> None:
        """Open the window at the personal chat, which notifies the bot of its installation there.

        Earlier messages aren't shown: the page keeps no history.
        """
        await self._page.goto(self._url)
        await self._page.get_by_text("Log Panel").locator("xpath=..").locator("button").last.click()
        await expect(self._page.get_by_text("Log Panel")).to_have_count(0)

    async def open_chat(self) -> None:
        """Go to the personal chat."""
        await self._page.get_by_role("treeitem", name="Personal Chat").click()
        self._in_channel = False

    async def open_channel(self, name: str) -> None:
        """Go to a channel; the first time notifies the bot of its installation there."""
        await self._page.get_by_role("treeitem", name=name).click()
        await expect(self._page.get_by_text("Start a new post")).to_be_visible()
        self._in_channel = True

    async def say(self, text: str) -> None:
        """Send the bot a message in the chat, or a post that mentions it in the channel."""
        # In a chat, the inputs of open forms come before it; in a channel, a post's box is first.
        boxes = self._page.get_by_role("textbox")
        box = boxes.first if self._in_channel else boxes.last
        await box.click()
        if self._in_channel:
            await self._page.keyboard.type("@Latchkey")
            await self._page.get_by_role("menuitem", name="Latchkey").click()
            await self._page.keyboard.type(" ")
        await self._page.keyboard.insert_text(text)
        button = "Post" if self._in_channel else "Send Message"
        await self._page.get_by_role("button", name=button, exact=True).click()

    async def ask(self, line: str, expected: str, seconds: float = PATIENCE_SECONDS) -> Card:
        """Say a line in the chat; return the card of the answer, which has to show a text."""
        answers = self._messages().locator(_PANEL).filter(has_text=expected)
        before = await answers.count()
        await self.say(line)
        await expect(answers.nth(before)).to_be_visible(timeout=seconds * 1000)
        return Card(self._page, answers.last)

    async def wait_for_text(self, text: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until a message or a card contains a text; raise AssertionError if none does.

        The person's own messages count too: wait for words that only the bot uses.
        """
        found = self._newest(self._messages().filter(has_text=text))
        await expect(found).to_be_visible(timeout=seconds * 1000)

    def card_with(self, text: str) -> Card:
        """Return the newest card that contains a text."""
        panels = self._messages().locator(_PANEL).filter(has_text=text)
        return Card(self._page, self._newest(panels))

    async def screenshot(self, path: Path) -> None:
        """Save a screenshot of the window."""
        await self._page.screenshot(path=path, animations="disabled")

    def _messages(self) -> Locator:
        return self._page.locator(_POST if self._in_channel else _MESSAGE)

    def _newest(self, found: Locator) -> Locator:
        return found.first if self._in_channel else found.last
