"""Splits Bicep into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a token is."""

    WORD = "a name"
    NUMBER = "a number"
    TEXT = "a string"
    SIGN = "a sign"
    NEWLINE = "the end of a line"
    END = "the end of the file"


@dataclass(frozen=True)
class Token:
    """A token, and the line it begins on.

    A string's `parts` are its pieces: text, and the tokens of each interpolation.
    """

    kind: Kind
    text: str
    line: int
    parts: "tuple[str | tuple[Token, ...], ...]" = ()


class BicepUnreadableError(Exception):
    """What is written on a line isn't Bicep, or is Bicep that these scripts can't read."""

    def __init__(self, line: int, why: str) -> None:
        """Name the line, counted from one."""
        super().__init__(why)
        self.line = line


_BLANK = re.compile(r"(?:[ \t\r]|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"\d+")
_SIGN = re.compile(r"\.\.\.|&&|\|\||\?\?|==|!=|=~|!~|<=|>=|=>|::|\.\?|[{}\[\]():,.?!<>+\-*/%=@|]")
_ESCAPE = re.compile(r"\\(?:u\{(?P<code>[0-9A-Fa-f]+)\}|(?P<sign>[nrt\\'$]))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def tokens_of(source: str) -> tuple[Token, ...]:
    """Return a file's tokens; raise BicepUnreadableError."""
    return (*_Scanner(source).tokens(until=None),)


class _Scanner:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._line = 1

    def tokens(self, until: str | None) -> Iterator[Token]:
        """Yield the tokens up to the sign that closes an interpolation, or to the end."""
        depth = 0
        while True:
            self._match(_BLANK)
            line = self._line
            if self._at == len(self._source):
                if until:
                    raise BicepUnreadableError(line, "an interpolation isn't closed")
                yield Token(Kind.END, "", line)
                return
            token = self._next(line)
            depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind is Kind.SIGN else 0
            if until and depth < 0:
                yield Token(Kind.END, "", line)
                return
            yield token

    def _next(self, line: int) -> Token:
        if self._take("\n"):
            return Token(Kind.NEWLINE, "\n", line)
        if self._take("'''"):
            return self._raw(line)
        if self._take("'"):
            return self._text(line)
        for kind, pattern in (
            (Kind.WORD, _WORD),
            (Kind.NUMBER, _NUMBER),
            (Kind.SIGN, _SIGN),
        ):
            if found := self._match(pattern):
                return Token(kind, found[0], line)
        raise BicepUnreadableError(line, f"can't read {self._source[self._at]!r}")

    def _raw(self, line: int) -> Token:
        end = self._source.find("'''", self._at)
        if end < 0:
            raise BicepUnreadableError(line, "a string isn't closed")
        while self._source.startswith("'", end + 3):  # it ends with the last three
            end += 1
        text = self._source[self._at : end].removeprefix("\r").removeprefix("\n")
        self._to(end + 3)
        return Token(Kind.TEXT, text, line, (text,))

    def _text(self, line: int) -> Token:
        parts: list[str | tuple[Token, ...]] = []
        text = ""
        while not self._take("'"):
            if self._take("${"):
                parts += [text, (*self.tokens(until="}"),)]
                text = ""
            elif escape := self._match(_ESCAPE):
                text += chr(int(escape["code"], 16)) if escape["code"] else _unescaped(escape)
            elif self._source[self._at : self._at + 1] in ("", "\n", "\\"):
                raise BicepUnreadableError(line, "a string isn't closed, or escapes what it can't")
            else:
                text += self._source[self._at]
                self._at += 1
        return Token(Kind.TEXT, text, line, (*parts, text))

    def _take(self, text: str) -> bool:
        if not self._source.startswith(text, self._at):
            return False
        self._to(self._at + len(text))
        return True

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        if found := pattern.match(self._source, self._at):
            self._to(found.end())
        return found

    def _to(self, end: int) -> None:
        self._line += self._source.count("\n", self._at, end)
        self._at = end


def _unescaped(escape: re.Match[str]) -> str:
    return _ESCAPED.get(escape["sign"], escape["sign"])
