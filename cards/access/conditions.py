"""The conditions of approvals by rule, shown in the reader's language.

They are kept as a policy file has them; older versions kept English words.
"""

import re

from cards.kit import text
from cards.kit.times import duration
from cards.languages.texts import say
from domain.durations import parse_duration

_PART = re.compile(r"[^,;]+")
_LONGEST = ("max = ", "at most ")
_HOURS = "hours = "


def describe_conditions(kept: str) -> str:
    """Say the conditions that were kept; hours, and other words stay as they are."""
    return _PART.sub(lambda found: _said(found[0]), text.line(kept))


def _said(part: str) -> str:
    words = part.strip()
    return part.replace(words, describe_condition(words)) if words else part


def describe_condition(words: str) -> str:
    """Say one of them."""
    if words in {"requesters", "named requesters"}:
        return say("named requesters")
    if words in {"ticket = true", "with a ticket"}:
        return say("with a ticket")
    for before in _LONGEST:
        if words.startswith(before) and (longest := parse_duration(words.removeprefix(before))):
            return say("at most {longest}", longest=duration(longest))
    return words.removeprefix(_HOURS)
