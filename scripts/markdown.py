"""Tables in Markdown, and the parts of a page that are generated."""

import re
from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a `|` in a cell is escaped, as it must be even in code."""
    lines = (_line(cell.replace("|", "\\|") for cell in row) for row in rows)
    return "\n".join([_line(columns), "|" + "---|" * len(columns), *lines, ""])


def fill(page: str, name: str, content: str) -> str:
    """Put the content between the comments `name` and `end of name`; the rest stays unchanged.

    Raises ValueError if the page doesn't have this pair of comments once.
    """
    pair = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    filled, times = pair.subn(lambda found: f"{found[1]}{content}{found[2]}", page)
    if times != 1:
        raise ValueError(f"the page has {times} places for {name}, not one")
    return filled


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
