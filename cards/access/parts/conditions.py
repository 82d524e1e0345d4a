"""The conditions of approvals by rule, shown in the reader's language.

They are kept as a policy file has them; older versions kept English words.
"""

import re

from cards.kit import text
from cards.kit.times import duration
from cards.languages.texts import say
from domain.durations import parse_duration
from domain.phrases import mark

_PART = re.compile(r"[^,;]+")
_LONGEST = re.compile(r"(?:max =|at most) (.+)")
_HOURS = "hours = "
_REQUESTERS = mark("named requesters")
_TICKET = mark("with a ticket")
_SAID = {
    "requesters": _REQUESTERS,
    _REQUESTERS: _REQUESTERS,
    "ticket = true": _TICKET,
    _TICKET: _TICKET,
}


def describe_conditions(kept: str) -> str:
    """Say the conditions that were kept; hours, and other words stay as they are."""
    return _PART.sub(lambda found: _said(found[0]), text.line(kept))


def _said(part: str) -> str:
    words = part.strip()
    return part.replace(words, describe_condition(words)) if words else part


def describe_condition(words: str) -> str:
    """Say one of them."""
    if said := _SAID.get(words):
        return say(said)
    found = _LONGEST.fullmatch(words)
    if found and (longest := parse_duration(found[1])):
        return say("at most {longest}", longest=duration(longest))
    return words.removeprefix(_HOURS)
