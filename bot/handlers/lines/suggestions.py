"""What a line that isn't understood may have meant, and the lines to offer for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.handlers.lines.command import Command, Line
from bot.handlers.lines.request_commands import read_missing_comma
from cards.kit.verbs import LONGEST_LINE
from cards.languages.texts import say
from cards.operations.suggestion_card import Offer

_MOST_WORDS = 50
_SHORTEST_WORD = 3
"""Shorter words are near to too many others."""
_MOST_OFFERS = 2
_HELP = Offer("help", "help")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How the nearest command is typed, if any is near, and the lines to offer."""

    form: str | None
    offers: tuple[Offer, ...]


class Suggestions:
    """Finds what was meant, in a table of commands; ``is_secret`` knows the requestable ones."""

    def __init__(
        self, commands: Sequence[Command[Any, Any]], is_secret: Callable[[str], bool]
    ) -> None:
        self._by_word = {word: one for one in reversed(commands) for word in one.words if word}
        self._long_words = [one for one in self._by_word if len(one) >= _SHORTEST_WORD]
        literal = (usage.form for one in commands for usage in one.usages)
        self._literal = [form for form in literal if self._parses(form) and form.islower()]
        self._is_secret = is_secret

    def of(self, text: str, people: Sequence[str] = (), *, in_channel: bool) -> Suggestion:
        """Return what a line may have meant; ``in_channel``: others can click on its buttons.

        ``people`` are the names that it mentions. A button's line has no mentions, so it can't be
        about these people, and isn't offered.
        """
        line = Line.of(text)
        command = self._nearest(line)
        form = command.usages[0].form if command else None
        found = self._offers(line, command)[:_MOST_OFFERS]
        offers = [offer for offer in found if len(offer.line) <= LONGEST_LINE]
        offers = [offer for offer in offers if not any(name in offer.line for name in people)]
        if in_channel:
            offers = [offer for offer in offers if not self._acts(offer.line)]
        return Suggestion(form, tuple(offers) or (_HELP,))

    def _nearest(self, line: Line) -> Command[Any, Any] | None:
        word = self._word(line)
        return self._by_word[word] if word else None

    def _word(self, line: Line) -> str:
        """Return the nearest first word of a command; empty if none is near."""
        if line.first in self._by_word or len(line.first) < _SHORTEST_WORD:
            return line.first if line.first in self._by_word else ""
        return next(iter(get_close_matches(line.first, self._long_words, n=1, cutoff=0.6)), "")

    def _offers(self, line: Line, command: Command[Any, Any] | None) -> list[Offer]:
        if len(line.text) > LONGEST_LINE:
            return []
        return (
            self._corrected(line)
            or self._comma(line)
            or self._literally(line)
            or self._named(line)
            or ([Offer(command.instead, command.instead)] if command and command.instead else [])
        )

    def _corrected(self, line: Line) -> list[Offer]:
        """Offer the line with its first word replaced by that of the nearest command."""
        word, rest = self._word(line), line.text.split(maxsplit=1)[1:]
        corrected = " ".join((word, *rest))
        if not word or word == line.first or not self._parses(corrected):
            return []
        return [Offer(corrected, "" if rest else corrected)]

    def _comma(self, line: Line) -> list[Offer]:
        """Offer what a request without a comma can mean: several secrets, or a reason."""
        read = read_missing_comma(line)
        if read is None:
            return []
        known = [self._is_secret(name) for name in read.names]
        offers = []
        if all(known) or not any(known):
            offers.append(Offer(read.as_secrets, say("Request all of these secrets")))
        if not all(known):
            offers.append(Offer(read.as_reason, say("Request the first secret")))
        return [offer for offer in offers if self._parses(offer.line)]

    def _literally(self, line: Line) -> list[Offer]:
        """Offer a command that has no arguments, for one that is misspelt after its first word."""
        words = " ".join(line.words[:3])
        found = get_close_matches(words, self._literal, n=1, cutoff=0.75)
        return [Offer(found[0], found[0])] if found else []

    def _named(self, line: Line) -> list[Offer]:
        """Offer to request a secret that the line names, or whose address it is."""
        for word in line.typed[:_MOST_WORDS]:
            if self._is_secret(word):
                return [Offer(f"request secret {word}", say("Request this secret"))]
        return []

    def _acts(self, text: str) -> bool:
        command = self._by_word.get(Line.of(text).first)
        return command is not None and command.acts

    def _parses(self, text: str) -> bool:
        line = Line.of(text)
        command = self._by_word.get(line.first)
        return command is not None and command.parse(line) is not None
