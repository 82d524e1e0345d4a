"""A language that is English in wide letters: what stays in plain letters isn't translated."""

import gettext
import re
from string import Formatter

from cards.languages.language import Language

_WIDE = {code: code - ord("!") + 0xFF01 for code in range(ord("!"), ord("~") + 1)}
_LETTERS = {code: wide for code, wide in _WIDE.items() if chr(code).isalpha()}
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+")
# What a text keeps in plain letters in every language: lines to type, and functions of clients.
_FUNCTION = re.compile(r"\{\{(?:DATE|TIME)\([^)]*\)\}\}|https?://\S+")


def widened(text: str) -> str:
    """Return a text with the letters of its own words wide, and its fields as they are."""
    shown = []
    for words, name, spec, _ in Formatter().parse(text):
        shown.append(words.translate(_LETTERS))
        if name is not None:
            shown.append("{" + name + (f":{spec}" if spec else "") + "}")
    return "".join(shown)


def plain_words(shown: str) -> list[str]:
    """Return the words of a shown text that are in plain letters."""
    return _PLAIN_WORD.findall(_FUNCTION.sub("", shown))


class _Wide(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return widened(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return widened(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return message if context == "pattern" else widened(message)


WIDE = Language("en", _Wide())
