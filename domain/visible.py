"""What people see of a text: the characters that are invisible, and what is left without them."""

import unicodedata

# Invisible, but letters, marks or symbols in Unicode: fillers, combining joiner, blank braille.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs"})
_FIRST_OF_LAST_PLANES = "\U000e0000"  # tags, spare variation selectors, private use
_MOST_KNOWN = 10_000  # characters: sending every possible one must not fill the memory


def visible(text: str) -> str:
    """Return a text without its invisible characters; its spaces and line feeds stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_SEEN)


def says_something(text: str) -> bool:
    """Return whether somebody who reads a text finds a letter or a digit in it."""
    return any(character.isalnum() for character in visible(text))


class _Seen(dict[int, int | None]):
    """A cache of how each character is shown; without it a long text would take 10 ms."""

    def __missing__(self, code: int) -> int | None:
        seen = code if _is_visible(chr(code)) else None
        if len(self) < _MOST_KNOWN:
            self[code] = seen
        return seen


def _is_visible(character: str) -> bool:
    return character == "\n" or (
        unicodedata.category(character) not in _UNSEEN_CATEGORIES
        and character not in _INVISIBLE
        and character < _FIRST_OF_LAST_PLANES
    )


_SEEN = _Seen()
