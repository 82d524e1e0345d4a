"""The pages that people read: those beside the README, and everything in docs/."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *(ROOT / "docs").rglob("*.md"),
]

_CODE = re.compile(r"`[^`]*`|^    .*$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


def links(page: Path) -> list[str]:
    """Return where the page's links and pictures lead, except to other sites."""
    return _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))


def leads_somewhere(page: Path, link: str) -> bool:
    """Tell whether the file of a link exists, and the heading that it names."""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the page's headings."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {_NOT_IN_ANCHORS.sub("", each.lower()).replace(" ", "-") for each in headings}
