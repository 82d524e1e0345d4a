"""Ticket patterns: regular expressions that can't hang the matcher.

Python's matcher has no time limit, and a pattern like ``(a+)+b`` can take practically forever. So
we parse a pattern first and count the ways it can match from one position. Anything that isn't
easy to count, such as a lookaround or a backreference, is rejected.
"""

import re

LONGEST_PATTERN = 200
MOST_WAYS = 10_000
"""The most ways a pattern can match from one position in a text of ``LONGEST_TEXT``."""
LONGEST_TEXT = 1_000

_UNBOUNDED = {"*": (0, LONGEST_TEXT), "+": (1, LONGEST_TEXT), "?": (0, 1)}
_BRACES = re.compile(r"\{(\d{1,4})(,(\d{1,4})?)?\}", re.ASCII)
_ESCAPES = frozenset("dDwWsSbB.-+*?()[]{}|^$/\\#_ ")


def is_safe_pattern(pattern: str) -> bool:
    """Return whether a pattern can be counted and matches in few enough ways."""
    if not 0 < len(pattern) <= LONGEST_PATTERN:
        return False
    try:
        re.compile(pattern)
        reader = _PatternReader(pattern)
        ways = reader.choice()
    except (ValueError, re.error, OverflowError):
        return False
    return reader.is_at_end and ways <= MOST_WAYS


def names_ticket(text: str, pattern: str) -> bool:
    """Return whether a text contains a match of a safe pattern; case is ignored."""
    return re.search(pattern, text[:LONGEST_TEXT], re.IGNORECASE) is not None


class _Uncountable(ValueError):
    """A pattern has something that isn't easy to count."""


class _PatternReader:
    """Parses a pattern from left to right; each method returns how many ways its part can match."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._pattern)

    def choice(self) -> int:
        ways = self._sequence()
        while self._take("|"):
            ways += self._sequence()
        return ways

    def _sequence(self) -> int:
        ways = 1
        while not self.is_at_end and self._next not in "|)":
            ways = _capped(ways * self._repeated(self._atom()))
        return ways

    def _atom(self) -> int:
        if self._take("("):
            if self._take("?") and not self._take(":"):
                raise _Uncountable
            ways = self.choice()
            if not self._take(")"):
                raise _Uncountable
            return ways
        if self._take("["):
            return self._class()
        if self._take("\\"):
            self._escape()
        elif self._next in "*+?{":
            raise _Uncountable
        else:
            self._at += 1
        return 1

    def _class(self) -> int:
        self._take("^")
        # A bracket in the first place is one of the characters, and so is one after a backslash.
        end = self._pattern.index("]", self._at + 1)
        inside = self._pattern[self._at : end]
        backslashes = inside[len(inside.rstrip("\\")) :]
        if "[" in inside or len(backslashes) % 2:
            raise _Uncountable
        self._at = end + 1
        return 1

    def _escape(self) -> None:
        if self.is_at_end or self._next not in _ESCAPES:
            raise _Uncountable
        self._at += 1

    def _repeated(self, ways: int) -> int:
        bounds = self._bounds()
        if bounds is None:
            return ways
        if not self.is_at_end and self._next in "?+*{":
            raise _Uncountable
        least, most = bounds
        total = 0
        for count in range(least, most + 1):
            total = _capped(total + _capped(ways ** min(count, 20)))
        return total

    def _bounds(self) -> tuple[int, int] | None:
        if self.is_at_end:
            return None
        if self._next in _UNBOUNDED:
            bounds = _UNBOUNDED[self._next]
            self._at += 1
            return bounds
        braces = _BRACES.match(self._pattern, self._at)
        if braces is None:
            return None
        self._at = braces.end()
        least = int(braces[1])
        if braces[2] is None:
            return least, least
        return least, int(braces[3]) if braces[3] else LONGEST_TEXT

    @property
    def _next(self) -> str:
        return self._pattern[self._at]

    def _take(self, character: str) -> bool:
        taken = not self.is_at_end and self._next == character
        self._at += taken
        return taken


def _capped(ways: int) -> int:
    return min(ways, MOST_WAYS + 1)
