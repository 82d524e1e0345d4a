"""A language with its catalogue, and which one is spoken now."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

CATALOGUES = Path(__file__).parent.parent / "locales"
DOMAIN = "latchkey"


@dataclass(frozen=True, slots=True)
class Language:
    """A language's code, such as ``de``, and its translations of the English texts."""

    code: str
    translations: gettext.NullTranslations


ENGLISH = Language("en", gettext.NullTranslations())
"""The texts in the code are English."""

LANGUAGES = {
    "en": ENGLISH,
    "de": Language("de", gettext.translation(DOMAIN, CATALOGUES, ["de"])),
}
"""All languages by code. A new one is a folder in ``cards/locales`` and a line here."""

_spoken = ContextVar("spoken", default=ENGLISH)


def language_of(locale: str, unknown: Language = ENGLISH) -> Language:
    """Return the language for a locale such as ``de-AT``, and ``unknown`` for an empty one.

    Whoever's language isn't spoken here reads English.
    """
    if not locale:
        return unknown
    return LANGUAGES.get(locale.replace("_", "-").partition("-")[0].lower(), ENGLISH)


def spoken() -> Language:
    """Return the language that texts are in now."""
    return _spoken.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Draw cards in a language; in tasks that are started meanwhile too.

    A context variable, since a language concerns every text and nothing else (ADR 47).
    """
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)
