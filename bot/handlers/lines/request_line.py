"""Parse what follows ``request secret`` and ``break glass``: names, email, duration, reason.

The small words are read in each language that cards are written in. Each word is read once, from
left to right, so 200 KB of text can't block the bot.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from bot.handlers.lines.times_in_line import (
    FOR,
    FROM,
    MOST_PHRASES,
    as_duration,
    bare_start_length,
    duration_length,
    take_starts,
)
from bot.handlers.lines.typed import bare, without_stops
from domain.access.rules.request_rules import distinct
from domain.durations import parse_duration
from domain.visible import visible

_AND = frozenset({"and", "und"})
_BECAUSE = frozenset({"because", "weil", "wegen"})
_ENDS_NAMES = FOR | FROM | _BECAUSE
_SEPARATORS = (",", "&")
_OPENS_REASON = frozenset({"to", "as", "since", "so", "in", "due", "reason"})
_MOST_WORDS = 8
"""Of a list of names with a missing comma."""
_LONGEST_PERSON = 512


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a line as typed, without quotes and full stops; None for a missing part."""

    secrets: tuple[str, ...]
    duration: str | None = None
    reason: str | None = None
    whom: str = ""
    start: str | None = None


def read_asked(text: str, people: Iterable[str] = ()) -> Asked | None:
    """Parse what was asked for; None if there are no names.

    That is ``NAMES [for PERSON] [for DURATION] [from START] [because REASON]``. ``for`` can be left
    out before a duration, and what follows it can be a reason instead. A person is a word with an
    ``@`` in it, or one of the ``people`` that are mentioned.
    """
    words = [visible(word) for word in text.split()]
    named = _read_names(words)
    if named is None:
        return None
    names, length = named
    rest = words[length:]
    cause = next((at for at, word in enumerate(rest) if _key(word) in _BECAUSE), len(rest))
    if _lacks_names(names, rest):
        return None
    parts = _Parts({name: _words_of(name) for name in people})
    asked, starts = take_starts(_without_please(rest[:cause]))
    parts.starts += starts
    for opening, phrase in _phrases(asked):
        if not opening and not _may_stand_alone(phrase):
            return None
        parts.take(opening, phrase)
    if len(names) > 1 and parts.duration is None and parse_duration(names[-1]):
        parts.duration = names.pop()  # ``a-key, 2h because …``
    why = text.split(maxsplit=length + cause + 1)[length + cause + 1 :]
    if why:
        parts.reasons.append((rest[cause], why[0]))
    # Of several starts none can be meant alone; together they can't be read, which asks for one.
    start = " from ".join(parts.starts) or None
    return Asked(distinct(names), parts.duration, _reason(parts.reasons), parts.whom, start)


def names_no_secret(text: str) -> bool:
    """Return whether the text has no names at all: it is empty, or begins with ``for 2h``."""
    words = visible(text).split(maxsplit=1)
    return not words or (_key(words[0]) in _ENDS_NAMES and len(words) > 1)


def words_before_phrases(text: str) -> tuple[tuple[str, ...], str]:
    """Return the words before ``for``, ``from``, ``because`` or a duration, and the text after."""
    words: list[str] = []
    for word in map(visible, text.split()):
        is_phrase = _key(word) in _ENDS_NAMES or parse_duration(bare(word)) is not None
        if is_phrase or len(words) == _MOST_WORDS:
            break
        words.append(word)
    rest = "".join(text.split(maxsplit=len(words))[len(words) :])
    return tuple(bare(word.rstrip(",")) for word in words), rest


@dataclass(slots=True)
class _Parts:
    """The meaning of the phrases after the names."""

    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The names that are mentioned, and the words of each."""
    whom: str = ""
    duration: str | None = None
    starts: list[str] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    """The parts of the reason, each after the word that opened it."""

    def take(self, opening: str, phrase: Sequence[str]) -> None:
        """Take a phrase as the person, the duration and a start, or otherwise the reason."""
        if not self.whom:
            self.whom, length = _read_person(phrase, self.people)
            phrase = phrase[length:]
        if self.duration is None and (length := duration_length(phrase)):
            self.duration = as_duration(phrase[:length])
            phrase = phrase[length:]
            if length := bare_start_length(phrase):
                self.starts.append(bare(" ".join(phrase[:length])))
                phrase = phrase[length:]
        elif self.duration and parse_duration(as_duration(phrase)):
            self.duration, phrase = f"{self.duration} {opening} {as_duration(phrase)}", ()
        if phrase:
            self.reasons.append((opening, " ".join(phrase)))


def _read_names(words: Sequence[str]) -> tuple[list[str], int] | None:
    """Return the leading names and how many words they take; None if it isn't a list."""
    tokens = list(_tokens(words))
    if not tokens or tokens[0][0] in _SEPARATORS:
        return None
    names, at = [bare(tokens[0][0])], 1
    while at < len(tokens):
        next_at = _after_separator(tokens, at)
        if next_at == at:
            break
        is_comma_alone = next_at == at + 1 and tokens[at][0] == ","
        word = tokens[next_at][0] if next_at < len(tokens) else None
        if word is None or word.casefold() in _ENDS_NAMES:
            if not is_comma_alone:
                return None
            at = next_at
            break
        if word in _SEPARATORS:
            return None
        names.append(bare(word))
        at = next_at + 1
    length = tokens[at][1] if at < len(tokens) else len(words)
    if at < len(tokens) and tokens[at - 1][1] == length:
        return None  # the last name and the text after it are one word
    return names, length


def _tokens(words: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Return the words with commas and ampersands split off, each with its word number."""
    for number, word in enumerate(words):
        start = 0
        for end, character in enumerate(word):
            if character in _SEPARATORS:
                if start < end:
                    yield word[start:end], number
                yield character, number
                start = end + 1
        if start < len(word):
            yield word[start:], number


def _after_separator(tokens: Sequence[tuple[str, int]], at: int) -> int:
    """Return the position of the next name; the same position if there is no separator."""
    if tokens[at][0].casefold() in _AND:
        return at + 1
    if tokens[at][0] not in _SEPARATORS:
        return at
    following = tokens[at + 1][0].casefold() if at + 1 < len(tokens) else ""
    return at + 2 if following in (*_AND, "&") else at + 1


def _lacks_names(names: Sequence[str], rest: Sequence[str]) -> bool:
    """Return whether ``for 2h`` stands in place of a name; a secret can have that name too."""
    first = names[0].casefold()
    return (
        len(names) == 1
        and first in _ENDS_NAMES
        and bool(rest)
        and _key(rest[0]) not in FOR | _BECAUSE
    )


def _without_please(words: Sequence[str]) -> Sequence[str]:
    return words[:-1] if words and _key(words[-1]) == "please" else words


def _phrases(words: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Return the phrase before the first ``for``, then each ``for`` with the phrase after it."""
    fors = (at for at, word in enumerate(words) if word.casefold() in FOR)
    ends = [*islice(fors, MOST_PHRASES), len(words)]
    if ends[0]:
        yield "", words[: ends[0]]
    for start, end in pairwise(ends):
        if phrase := words[start + 1 : end]:
            yield words[start], phrase


def _may_stand_alone(phrase: Sequence[str]) -> bool:
    """Return whether a phrase needs no ``for``; others may be a name with a missing comma."""
    return bool(duration_length(phrase)) or _key(phrase[0]) in _OPENS_REASON


def _words_of(name: str) -> Sequence[str]:
    return [*filter(None, map(visible, name.split()))]


def _read_person(phrase: Sequence[str], people: Mapping[str, Sequence[str]]) -> tuple[str, int]:
    """Return whom the leading words name, and how many these are; empty for nobody."""
    for name, words in people.items():
        first = " ".join(phrase[: len(words)])
        if words and without_stops(first) == without_stops(" ".join(words)):
            return name, len(words)
    word = bare(phrase[0])
    return (word, 1) if _is_person(word) else ("", 0)


def _is_person(word: str) -> bool:
    """Return whether a word has an ``@`` in it; some aren't emails, and nobody is found by them."""
    return "@" in word and len(word) <= _LONGEST_PERSON and any(map(str.isalnum, word))


def _reason(parts: Sequence[tuple[str, str]]) -> str | None:
    """Join the parts of the reason in the order they were typed; None if there are none."""
    if not parts:
        return None
    (_, first), *others = parts
    return first + "".join(f" {word} {text}" for word, text in others)


def _key(word: str) -> str:
    return bare(word).casefold()
