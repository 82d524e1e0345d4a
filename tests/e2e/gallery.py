"""The gallery in the docs: a picture of each answer, in the order of the walk through them."""

from pathlib import Path

from tests.e2e.playground import Card

PICTURES = "images/gallery"


_INTRODUCTION = (
    "What Latchkey answers to what is typed, as Microsoft's Agents Playground draws it; Teams "
    "draws the same cards in its own colours. The browser tests made this page and its pictures."
)


class Gallery:
    """Saves pictures of cards, and the page that shows them."""

    def __init__(self, folder: Path, page: str, title: str) -> None:
        """Take the folder for everything, and the page's file name and title."""
        self._folder = folder
        self._page = page
        self._lines = [f"# {title}", "", _INTRODUCTION, ""]
        (folder / PICTURES).mkdir(parents=True, exist_ok=True)

    async def show(self, card: Card, name: str, line: str, about: str) -> None:
        """Save a card's picture, which answers a typed line; `about` describes it in words."""
        await card.screenshot(self._folder / PICTURES / f"{name}.png")
        self._lines += [f"`{line}`", "", f"![{about}]({PICTURES}/{name}.png)", ""]

    def part(self, title: str) -> None:
        """Begin a part of the page."""
        self._lines += [f"## {title}", ""]

    def write(self) -> None:
        """Write the page."""
        (self._folder / self._page).write_text("\n".join(self._lines), encoding="utf-8")
