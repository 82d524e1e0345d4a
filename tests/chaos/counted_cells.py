"""Tables of counted cells: exchanges, interruptions, and how many of them ended well after all."""

from collections.abc import Mapping, Sequence

TWICE = "messages sent twice"


def twice(cell: object) -> str:
    """Return the name under which a cell's number of messages sent twice is kept."""
    return f"{cell}: {TWICE}"


def counted_table(
    said: Mapping[str, str],
    title: str,
    columns: Sequence[str],
    rows: Mapping[str, Sequence[object]],
) -> str:
    """Return a table in Markdown: a row has a cell for each column, and its messages sent twice."""
    heads = [title, *columns, TWICE]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, cells in rows.items():
        texts = [said.get(str(cell), "") for cell in cells]
        numbers = [said.get(twice(cell), "") for cell in cells]
        total = sum(int(number) for number in numbers if number.isdigit())
        lines.append(f"| {' | '.join([name, *texts, str(total)])} |")
    return "\n".join(lines)
