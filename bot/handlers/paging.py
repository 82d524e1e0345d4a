"""Read where the page of a list starts, from the data of its buttons."""

from collections.abc import Sequence
from typing import TypeVar

from bot.turn import Click
from cards.kit import verbs
from cards.kit.listing import Paging
from domain.refusals.records import PageGone

_Row = TypeVar("_Row")

_MOST_DIGITS = 6


def start_of(click: Click) -> int:
    """Read how many rows come before the page; raise PageGone if it can't be one of ours."""
    after = click.text(verbs.AFTER)
    if not after:
        return 0
    if len(after) > _MOST_DIGITS or not (after.isascii() and after.isdigit()):
        raise PageGone
    return int(after)


def page_of(rows: Sequence[_Row], start: int, size: int) -> tuple[Sequence[_Row], Paging]:
    """Cut a page out of all rows.

    Rows can go while someone reads: behind the last one, the first page is shown.
    """
    if start >= len(rows):
        start = 0
    return rows[start : start + size], paging(start, size, len(rows))


def paging(start: int, size: int, count: int) -> Paging:
    """Return the neighbours of the page that starts behind ``start`` of ``count`` rows."""
    following = start + size
    return Paging(
        after=str(start) if start else "", following=str(following) if following < count else ""
    )
