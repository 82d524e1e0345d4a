"""Find durations and starts among the words of a line.

No part of one is used without the rest: where more of it follows that can't be read, it's taken
whole, and can't be read either. Each word is read once or twice, however long the line is.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice, takewhile

from bot.handlers.lines.typed import bare
from domain.durations import LONGEST_INPUT, parse_duration
from domain.start_times import count_more, looks_like_later, looks_like_start, parse_start

FOR = frozenset({"for", "für"})
FROM = frozenset({"from", "ab"})
MOST_PHRASES = 20
"""Each phrase costs a few passes; anything after this many is part of the last one."""

_STARTS = FROM | {"starting", "beginning"}
_OPENS_DURATION = frozenset({
    "a", "an", "one", "two", "three", "four", "five", "six", "eight", "ten", "half", "some", "few",
    "several", "this", "the", "ever", "now", "today", "tonight", "tomorrow",
    "ein", "eine", "einen", "zwei", "drei", "vier", "halbe", "heute", "morgen",
})  # fmt: skip
_TIMES = frozenset({
    "second", "minute", "hour", "day", "week", "month", "year", "while", "bit", "moment", "morning",
    "afternoon", "evening", "night", "time", "ever", "now", "today", "tonight", "tomorrow",
    "sekunden", "minuten", "stunde", "stunden", "tag", "tage", "woche", "wochen", "heute", "morgen",
})  # fmt: skip
_JOINS = frozenset({"and", "or", "plus", "+", "-", "\u2013", "\u2014", "und", "oder"})
_REACHES = frozenset({"to", "till", "until", "bis"})
_AMOUNTS = _OPENS_DURATION | _TIMES | {"quarter", "more", "less", "so", "viertel", "mehr"}
_MOST_WORDS = 8
"""``1 day, 2 hours and 30 minutes`` has seven words."""
_MOST_START_WORDS = 8
"""``on 1 Dec 2026 at 10 pm UTC`` has eight words."""
_MOST_MORE_WORDS = 4
"""``in the evening tomorrow`` has four words."""
_MOST_IN_START = _MOST_START_WORDS + _MOST_MORE_WORDS
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Which words a start takes is the same at any time."""


def take_starts(words: Sequence[str]) -> tuple[Sequence[str], list[str]]:
    """Take each ``from START`` out of the words; any other ``from`` is part of a reason."""
    froms = (at for at, word in enumerate(words) if word.casefold() in _STARTS)
    left: list[str] = []
    starts: list[str] = []
    end = 0
    for at in islice(froms, MOST_PHRASES):
        if at >= end and (length := _start_length(words[at + 1 : at + 1 + _MOST_IN_START])):
            left += words[end:at]
            end = at + 1 + length
            starts.append(bare(" ".join(words[at + 1 : end])))
    return [*left, *words[end:]], starts


def _start_length(words: Sequence[str]) -> int:
    """Return how many leading words are, or are meant as, a start; 0 for none."""
    if length := _read_start_length(words):
        return length
    few = [bare(word) for word in words[:_MOST_START_WORDS]]
    return 1 + count_more(few[1:]) if few and looks_like_start(few) else 0


def bare_start_length(words: Sequence[str]) -> int:
    """Return how many words after a duration are, or are meant as, a start; 0 for none.

    There is no ``from`` before them: ``at 22:00``, ``on Friday``, ``in 10 minutes``.
    """
    if length := _read_start_length(words):
        return length
    few = [bare(word) for word in words[:_MOST_START_WORDS]]
    if looks_like_later(few):
        return count_more(few)
    from_now = _read_duration_length(few[1:]) if few and _key(few[0]) == "in" else 0
    return 1 + from_now if from_now else 0


def _read_start_length(words: Sequence[str]) -> int:
    """Return how many leading words are a start; 0 for none.

    With them counts what goes on about it, such as a day that isn't understood, so that no part of
    a start is used without the rest.
    """
    for length in range(min(len(words), _MOST_START_WORDS), 0, -1):
        if parse_start(bare(" ".join(words[:length])), _SOME_DAY):
            return length + count_more(map(bare, words[length:][:_MOST_MORE_WORDS]))
    return 0


def duration_length(phrase: Sequence[str]) -> int:
    """Return how many leading words are, or are meant as, a duration; 0 for none."""
    if length := _read_duration_length(phrase):
        return length + _count_more_of_duration(phrase[length:])
    looks_so = _could_be_duration(" ".join(phrase[: LONGEST_INPUT + 1]))
    return len(phrase) if looks_so else 0


def _read_duration_length(phrase: Sequence[str]) -> int:
    """Return how many leading words are a duration; 0 for none."""
    lengths = range(min(len(phrase), _MOST_WORDS), 0, -1)
    return next((one for one in lengths if parse_duration(as_duration(phrase[:one]))), 0)


def _count_more_of_duration(words: Sequence[str]) -> int:
    """Count the words after a duration that go on about it, so that it can't be read without them.

    ``1h 30``, ``1 hour and a half``, ``1h or 2h``, ``1h to 2h``, but not ``2h 22:00``.
    """
    if not words or _read_start_length(words):
        return 0
    first, *others = (_key(word) for word in words[:_MOST_WORDS])
    goes_on = (
        _begins_amount(first)
        or first in _JOINS
        or (first in _REACHES and others and _begins_amount(others[0]))
    )
    if not goes_on:
        return 0
    return 1 + sum(1 for _ in takewhile(_is_in_amount, others))


def _is_in_amount(word: str) -> bool:
    return (
        word in _AMOUNTS
        or word.removesuffix("s") in _TIMES
        or word in _JOINS
        or _begins_amount(word)
    )


def _begins_amount(word: str) -> bool:
    return word.lstrip("-+~(")[:1].isdecimal()


def _could_be_duration(phrase: str) -> bool:
    """Return whether this is meant as a duration, even if invalid: ``a while``, ``2h2h``."""
    words = phrase.split()
    if not words or len(phrase) > LONGEST_INPUT:
        return False
    first, last = _key(words[0]), _key(words[-1])
    if first[:1].isdecimal() or (first[:1] in "-+" and first[1:2].isdecimal()):
        return True
    return first in _OPENS_DURATION and last.removesuffix("s") in _TIMES


def as_duration(words: Sequence[str]) -> str:
    """Write a duration's words as one text."""
    return bare(" ".join(words))


def _key(word: str) -> str:
    return bare(word).casefold()
