"""Days for people to type: ``2026-12-01``, or ``1 Dec 2026`` and ``1. Dez. 2026`` as on cards."""

import re
from collections.abc import Sequence
from datetime import date

from domain.visible import visible

MOST_WORDS = 3
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY = re.compile(r"\d{1,2}\.?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)

_NAMES = (
    ("january", "jan", "januar"),
    ("february", "feb", "februar"),
    ("march", "mar", "märz"),
    ("april", "apr"),
    ("may", "mai"),
    ("june", "jun", "juni"),
    ("july", "jul", "juli"),
    ("august", "aug"),
    ("september", "sep", "sept"),
    ("october", "oct", "oktober", "okt"),
    ("november", "nov"),
    ("december", "dec", "dezember", "dez"),
)
MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names}
"""Their numbers by name, in each language that cards are written in."""


def parse_day(words: Sequence[str]) -> date | None:
    """Parse a day from its words, in lower case; None if they aren't exactly one."""
    try:
        match [visible(word) for word in words]:
            case [iso] if _ISO.fullmatch(iso):
                return date.fromisoformat(iso)
            case [day, month, year] if _DAY.fullmatch(day) and _YEAR.fullmatch(year):
                number = MONTHS.get(month.removesuffix("."), 0)
                return date(int(year), number, int(day.removesuffix(".")))
    except ValueError:
        pass  # there is no such day, or month
    return None
