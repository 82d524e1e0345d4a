"""Checks a page, or a part of it, with axe: what keeps people from using it."""

from collections.abc import Sequence
from functools import cache

from playwright.async_api import Page

from scripts import nodejs

_STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_RUN = """
async ([part, tags, off]) => {
  const rules = Object.fromEntries(off.map((rule) => [rule, { enabled: false }]));
  const found = await axe.run(part ?? document, {
    runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"],
  });
  return found.violations.flatMap((one) => one.nodes.map(
    (node) => `${one.id}: ${node.failureSummary.split("\\n")[1]?.trim()} ${node.html.slice(0, 160)}`
  ));
}
"""


async def violations(page: Page, part: str | None = None, without: Sequence[str] = ()) -> list[str]:
    """Return what axe finds in the parts with this selector, or on the whole page.

    `without` names rules that are not checked.
    """
    # Not as a script tag: a page may not allow scripts that are not its own.
    await page.evaluate(_script())
    found: list[str] = await page.evaluate(_RUN, [part, _STANDARD, list(without)])
    return found


@cache
def _script() -> str:
    return nodejs.ensure_axe(nodejs.ensure()).read_text(encoding="utf-8")
