"""A language that is English in wide letters: what stays in plain letters isn't translated.

Its months are Greek, since their names are Babel's, and people and Azure are named in Greek too.
Only texts that are in the catalogues become wide: one that is said but was never marked stays.
"""

import gettext
import re
from functools import cache
from string import Formatter

from cards.languages.language import Language
from scripts import catalogues

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


@cache
def _known() -> frozenset[tuple[str, str]]:
    """Return the texts of the catalogues, each with its context."""
    entries = [
        entry
        for name in catalogues.FOLDERS
        for entry in catalogues.read(catalogues.languages()[0], name)
    ]
    return frozenset(
        (entry.msgctxt or "", text)
        for entry in entries
        for text in (entry.msgid, entry.msgid_plural)
    )


class _Wide(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return self.pgettext("", message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        is_text = context != "pattern" and (context, message) in _known()
        return widened(message) if is_text else message


WIDE = Language("el", _Wide())
