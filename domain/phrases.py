"""Texts of Latchkey's own that are shown later, in the language of whoever reads them.

The English text is the key to its translations (``cards.languages``), so it stays readable where
it is said, and ``str`` of it is right for logs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Phrase:
    """An English text with ``{named}`` values; made by ``phrase`` and ``counted``."""

    text: str
    values: Mapping[str, "Value"] = field(default_factory=dict, hash=False)
    many: str = ""
    """The text for any ``count`` but 1; empty if the words don't depend on a count."""
    count: int = 1

    def __str__(self) -> str:
        """Return the text in English."""
        text = self.many if self.many and self.count != 1 else self.text
        shown = {name: in_english(value) for name, value in self.values.items()}
        return text.format(**shown)


Value = str | int | datetime | Phrase | Sequence["str | Phrase"]
"""What a value may be: a sequence is shown as a list, ``a, b and c``."""


def phrase(text: str, /, **values: Value) -> Phrase:
    """Say something with values: ``phrase("Secrets of {vault}", vault="demo-vault")``."""
    return Phrase(text, values)


def counted(one: str, many: str, count: int, /, **values: Value) -> Phrase:
    """Say something whose words depend on a count, which is the value ``{count}``."""
    return Phrase(one, {"count": count, **values}, many, count)


def mark(text: str) -> str:
    """Return a text as it is; this marks it for the catalogues, for whoever shows it later."""
    return text


def in_english(value: Value) -> str:
    """Return a value as it is shown in an English text."""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        at = value.astimezone(UTC)
        return f"{at.day} {at:%b %Y, %H:%M} UTC"
    if isinstance(value, str | Phrase):
        return str(value)
    shown = [str(each) for each in value]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
