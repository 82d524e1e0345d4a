"""The conditions of approvals by rule: kept in English, shown in the reader's language."""

import re

from cards.kit import text
from cards.kit.times import duration
from cards.languages.texts import say
from domain.durations import parse_duration

_PART = re.compile(r"[^,;]+")
_AT_MOST = "at most "


def describe_conditions(kept: str) -> str:
    """Say the conditions that were kept with an approval; what the policy wrote stays as it is."""
    return _PART.sub(lambda found: _said(found[0]), text.line(kept))


def _said(part: str) -> str:
    words = part.strip()
    return part.replace(words, _translated(words)) if words else part


def _translated(words: str) -> str:
    if words == "named requesters":
        return say("named requesters")
    if words == "with a ticket":
        return say("with a ticket")
    longest = parse_duration(words.removeprefix(_AT_MOST)) if words.startswith(_AT_MOST) else None
    return say("at most {longest}", longest=duration(longest)) if longest else words
