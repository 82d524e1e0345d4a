"""The line numbers of tables and keys in a TOML file, which tomllib doesn't keep."""

import re

Place = tuple[str | int, ...]
"""The path to a value: keys, and numbers from 0 in arrays of tables."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\s-]+?)\s*\]")
_KEY = re.compile(r"\s*([\w-]+(?:\s*\.\s*[\w-]+)*)\s*=")


def lines_of(text: str) -> dict[Place, int]:
    """Find the lines, from 1, of tables and of keys at the start of a line.

    Quoted keys and keys inside inline tables aren't found, but their table is.
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    here: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            here = _table(_keys(header[2]), counts, one_of_several=header[1] == "[[")
            found.setdefault(here, number)
        elif key := _KEY.match(line):
            found.setdefault((*here, *_keys(key[1])), number)
    return found


def line_of(place: Place, lines: dict[Place, int]) -> int | None:
    """Return the line of a place, or of the nearest table around it."""
    around = (place[:length] for length in range(len(place), 0, -1))
    return next((lines[each] for each in around if each in lines), None)


def _keys(dotted: str) -> list[str]:
    return [key.strip() for key in dotted.split(".")]


def _table(keys: list[str], counts: dict[Place, int], *, one_of_several: bool) -> Place:
    """Return a header's place; below ``[[secret]]`` it belongs to the last one."""
    place: Place = ()
    for position, key in enumerate(keys, start=1):
        place = (*place, key)
        if one_of_several and position == len(keys):
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            place = (*place, counts[place] - 1)
    return place
