"""A reader for simple YAML: nested mappings, lists of mappings, and texts without quotes."""

from typing import Any

Lines = list[tuple[int, str]]


def read_yaml(text: str) -> Any:
    """Return what the text contains; raise ValueError for anything that isn't simple."""
    lines = [
        (len(line) - len(line.lstrip(" ")), line.strip())
        for line in text.splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    value = _block(lines, 0)
    if lines:
        raise ValueError(f"{lines[0][1]!r} is indented differently from what is above it")
    return value


def _block(lines: Lines, indent: int) -> Any:
    if lines and lines[0][0] == indent and lines[0][1].startswith("- "):
        return list(_items(lines, indent))
    found: dict[str, Any] = {}
    while lines and lines[0][0] == indent:
        key, colon, value = lines.pop(0)[1].partition(":")
        if (
            not colon
            or key in found
            or value[:1] not in ("", " ")
            or value[1:2] in tuple("\"'{[|>&*")
        ):
            raise ValueError(f"{key!r} isn't a simple key, or is there twice")
        deeper = lines[0][0] if lines else 0
        found[key] = value.strip() or (_block(lines, deeper) if deeper > indent else None)
    return found


def _items(lines: Lines, indent: int) -> Any:
    while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
        lines[0] = (indent + 2, lines[0][1].removeprefix("- "))
        yield _block(lines, indent + 2)
