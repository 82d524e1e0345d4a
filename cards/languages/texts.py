"""Texts in the language that is spoken.

Every text is written in English where it is used, as a literal argument of these functions (or of
``mark``, ``phrase`` and ``counted`` of ``domain.phrases``, for texts that are shown later), with
``{named}`` values: ``scripts/catalogues.py`` collects them from there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from string import Formatter

from babel.numbers import format_decimal

from cards.languages.language import spoken
from cards.languages.moments import formatted
from domain.phrases import Phrase, Value

_PARSED = Formatter()
_REMEMBERED = 10_000


def say(text: str | Phrase, /, **values: Value) -> str:
    """Return a text with its values filled in; a phrase brings its own."""
    if isinstance(text, Phrase):
        return _say_phrase(text)
    return _filled(spoken().translations.gettext(text), values)


def say_count(one: str, many: str, count: int, /, **values: Value) -> str:
    """Return the text for a count, which is the value ``{count}``."""
    text = spoken().translations.ngettext(one, many, count)
    return _filled(text, {"count": count, **values})


def say_as(context: str, text: str, /, **values: Value) -> str:
    """Return a text that means different things; ``context`` says which, such as ``button``."""
    return _filled(spoken().translations.pgettext(context, text), values)


def listed(names: Sequence[str | Phrase]) -> str:
    """Join names for a sentence: ``a, b and c``."""
    said = [shown(name) for name in names]
    if len(said) < 2:
        return "".join(said)
    return say("{names} and {last}", names=", ".join(said[:-1]), last=said[-1])


def number(value: float) -> str:
    """Format a number with the language's separators: ``12,345``."""
    return str(value) if value in _SMALL else _formatted(value, spoken().code)


_SMALL = range(1_000)


@lru_cache(_REMEMBERED)
def _formatted(value: float, code: str) -> str:
    return str(format_decimal(value, locale=code))


@lru_cache(_REMEMBERED)
def parts_of(text: str) -> tuple[tuple[str, str | None], ...]:
    """Split a text into words, each with the name of the value that follows, if one does."""
    return tuple((words, name) for words, name, _, _ in _PARSED.parse(text))


def _say_phrase(it: Phrase) -> str:
    translations = spoken().translations
    text = (
        translations.ngettext(it.text, it.many, it.count)
        if it.many
        else translations.gettext(it.text)
    )
    return _filled(text, it.values)


def _filled(text: str, values: Mapping[str, Value]) -> str:
    if not values:
        return text
    return "".join(
        words + ("" if name is None else shown(values[name])) for words, name in parts_of(text)
    )


def shown(value: Value) -> str:
    """Return a value as it is shown in a text; a time to the minute: ``21 Nov 2026, 18:05 UTC``."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return number(value)
    if isinstance(value, datetime):
        return say("{moment} UTC", moment=formatted(value, say_as("pattern", "d MMM y, HH:mm")))
    return _say_phrase(value) if isinstance(value, Phrase) else listed(value)
