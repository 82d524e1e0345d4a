"""How a command is typed, for people: its words are the same in every language."""

import re

from cards.languages.texts import say
from domain.phrases import mark

PLACEHOLDERS = (mark("NAME"), mark("REASON"), mark("EMAIL"), mark("ID"), mark("@person"))
"""What people put their own words in place of."""

_PLACEHOLDER = re.compile(rf"(?<!\w)(?:{'|'.join(PLACEHOLDERS)})(?!\w)")


def usage_of(form: str) -> str:
    """Return a form such as ``cancel ID`` with its placeholders in the language that is spoken."""
    return _PLACEHOLDER.sub(lambda found: say(found[0]), form)
