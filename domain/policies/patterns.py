"""Which rules apply to the secrets that only patterns name."""

from collections.abc import Iterable, Sequence
from itertools import product
from string import ascii_lowercase, digits

from domain.policies.rule import ANY, Rule

Pair = tuple[Rule | None, Rule | None]
"""The old and the new rule of some secret; None where no pattern covers it."""

MOST_SORTS = 2_000
"""How many sorts of names are told apart before every pair counts as possible."""

_Positions = frozenset[int]
"""How far a name may have got in a pattern; the last position is its end."""


def pairs(before: Sequence[Rule], after: Sequence[Rule]) -> list[Pair]:
    """Return each pair of patterns that apply to a same secret, of all secrets that could exist.

    Only the first pattern that matches a name applies, so the order of patterns counts. Where that
    takes too long to find out, every pair is returned.
    """
    old, new = [rule for rule in before if rule.is_pattern], [r for r in after if r.is_pattern]
    if [rule.name for rule in old] == [rule.name for rule in new]:
        return list(zip(old, new, strict=True))
    matches = _matches([rule.name.lower() for rule in (*old, *new)])
    if matches is None:
        return [pair for pair in product((*old, None), (*new, None)) if pair != (None, None)]
    found = {(_first(old, match), _first(new, match[len(old) :])): None for match in matches}
    return [(_at(old, one), _at(new, other)) for one, other in found if (one, other) != _NEITHER]


_NEITHER = (None, None)


def _first(rules: Sequence[Rule], match: Sequence[bool]) -> int | None:
    return next((number for number, _ in enumerate(rules) if match[number]), None)


def _at(rules: Sequence[Rule], number: int | None) -> Rule | None:
    return None if number is None else rules[number]


def _matches(patterns: Sequence[str]) -> Iterable[tuple[bool, ...]] | None:
    """Say for each sort of name which patterns match it; None if there are too many sorts.

    All names are read at once, a letter at a time, by how far they get in each pattern.
    """
    known = {pattern: _Pattern(pattern) for pattern in patterns}
    letters = _letters(patterns)
    start = tuple(one.start for one in known.values())
    sorts, unread = {start}, [start]
    while unread:
        positions = unread.pop()
        for letter in letters:
            read = zip(known.values(), positions, strict=True)
            after = tuple(one.read(letter, at) for one, at in read)
            if after not in sorts:
                if len(sorts) == MOST_SORTS:
                    return None
                sorts.add(after)
                unread.append(after)
    at_end = [dict(zip(known, positions, strict=True)) for positions in sorts]
    return [tuple(len(one) in ends[one] for one in patterns) for ends in at_end]


def _letters(patterns: Sequence[str]) -> set[str]:
    """Return the letters that matter: those in the patterns, and one that stands for the rest."""
    used = set("".join(patterns)) - {ANY}
    rest = next((one for one in f"{ascii_lowercase}{digits}-" if one not in used), None)
    return used | ({rest} if rest else set())


class _Pattern:
    """Reads names against a pattern; remembers each step, since they are taken many times."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._steps: dict[tuple[str, _Positions], _Positions] = {}
        self.start = self._and_past_stars({0})

    def read(self, letter: str, positions: _Positions) -> _Positions:
        """Return how far a name gets with one more letter."""
        step = (letter, positions)
        if step not in self._steps:
            ahead = [at for at in positions if at < len(self._text)]
            stay = {at for at in ahead if self._text[at] == ANY}
            self._steps[step] = self._and_past_stars(
                stay | {at + 1 for at in ahead if self._text[at] == letter}
            )
        return self._steps[step]

    def _and_past_stars(self, positions: set[int]) -> _Positions:
        """Add the positions that are reached without a letter: a star may match nothing."""
        reached = set(positions)
        for position in positions:
            at = position
            while self._text[at : at + 1] == ANY:
                at += 1
                reached.add(at)
        return frozenset(reached)
