"""What a command is, and how the line that somebody typed is read."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Generic, Self, TypeVar

from bot.handlers.lines.typed import bare, unquoted, without_address, without_unseen_words
from bot.turn import Turn
from domain.visible import visible

HandlersT = TypeVar("HandlersT")
ValueT = TypeVar("ValueT")

_FILLERS = frozenset({"access", "id", "of", "request", "rotation", "secret", "the"})
"""Words that people put between a command and its argument."""


class Scope(StrEnum):
    """Where somebody can talk to the bot, in the manifest's words."""

    PERSONAL = "personal"
    TEAM = "team"
    GROUP_CHAT = "groupChat"


class Role(Enum):
    """Who a command is for; services decide who is one of them."""

    EVERYONE = "everyone"
    APPROVER = "approver"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Usage:
    """One way to type a command, and what it does, in a short sentence: a marked text."""

    form: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line.

    Quotes, backticks and full stops around a word and invisible characters in it are ignored:
    ``typed`` has the words without them, and ``words`` has those in lower case. ``text`` is the
    line as it was typed, with its reasons, and ``shown`` has its words without what is invisible.
    ``people`` are the names of those whom it mentions.
    """

    text: str
    typed: tuple[str, ...]
    words: tuple[str, ...]
    people: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, people: Iterable[str] = ()) -> Self:
        text = unquoted(without_address(unquoted(without_unseen_words(text))))
        typed = tuple(bare(word) for word in text.split())
        return cls(text, typed, tuple(word.casefold() for word in typed), tuple(people))

    @property
    def shown(self) -> list[str]:
        """The words with their quotes and full stops, without what is invisible."""
        return [visible(word) for word in self.text.split()]

    @property
    def first(self) -> str:
        """The word that says which command this is; empty where nothing was typed."""
        return self.words[0] if self.words else ""

    def after(self, *beginnings: tuple[str, ...]) -> str:
        """Return what follows the first of these beginnings; empty if the line has none of them."""
        for beginning in beginnings:
            if self.words[: len(beginning)] == beginning:
                return "".join(self.text.split(maxsplit=len(beginning))[len(beginning) :])
        return ""


@dataclass(frozen=True, slots=True)
class Command(Generic[HandlersT, ValueT]):
    """One command: how it is typed, who it is for, and what serves it.

    ``parse`` returns what was typed as a value for ``serve``, or None if the line isn't this
    command. It only gets lines that begin with one of ``words``.
    """

    words: tuple[str, ...]
    usages: tuple[Usage, ...]
    parse: Callable[[Line], ValueT | None]
    serve: Callable[[HandlersT, Turn, ValueT], Awaitable[None]]
    role: Role = Role.EVERYONE
    instead: str = ""
    """The command that lists what this one needs, such as IDs: offered to whoever leaves it out."""
    acts: bool = False
    """Whether it changes something at once. In a channel, nobody is led to run it by a button."""
    in_menu: bool = False
    """Whether Teams suggests it while somebody types; Teams shows at most twelve."""
    is_private: bool = False
    """Whether its answer is for one person alone, so that no channel or group suggests it."""

    def is_suggested_in(self, scope: Scope) -> bool:
        """Tell whether Teams suggests it there."""
        return self.in_menu and (scope is Scope.PERSONAL or not self.is_private)


@dataclass(frozen=True, slots=True)
class Alone:
    """A command without an argument, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class AboutOne:
    """A command about one workflow: the command's name and the id."""

    name: str
    workflow_id: str


@dataclass(frozen=True, slots=True)
class AboutSecret:
    """A command about one secret: the command's name and the secret's."""

    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class WithReason:
    """``NAME ID [because] REASON``; the reason may be missing."""

    name: str
    workflow_id: str
    reason: str


def alone(name: str, *others: str) -> Callable[[Line], Alone | None]:
    """Read a command that stands alone, under its name or one of the others."""
    known = {name, *others}

    def parse(line: Line) -> Alone | None:
        return Alone(name) if " ".join(line.words) in known else None

    return parse


def first_of(*parsers: Callable[[Line], ValueT | None]) -> Callable[[Line], ValueT | None]:
    """Read a command that is typed in several ways, with the first parser that can."""

    def parse(line: Line) -> ValueT | None:
        return next((value for each in parsers if (value := each(line)) is not None), None)

    return parse


def about_id(name: str) -> Callable[[Line], AboutOne | None]:
    """Read a command about one id, in lower case."""

    def parse(line: Line) -> AboutOne | None:
        words = _without_filler(line.words)
        return AboutOne(name, words[1]) if len(words) == 2 else None

    return parse


def about_secret(name: str) -> Callable[[Line], AboutSecret | None]:
    """Read a command about one secret, whose name keeps its case."""

    def parse(line: Line) -> AboutSecret | None:
        if len(_without_filler(line.words)) != 2:
            return None
        return AboutSecret(name, line.typed[-1])

    return parse


def with_reason(name: str) -> Callable[[Line], WithReason | None]:
    """Read a command about one id with a reason, which is kept as it was typed."""

    def parse(line: Line) -> WithReason | None:
        at = 2 if len(line.words) > 2 and line.words[1] in _FILLERS else 1
        if len(line.words) <= at:
            return None
        reason = "".join(line.text.split(maxsplit=at + 1)[at + 1 :])
        if line.words[at + 1 : at + 2] in (("because",), ("weil",), ("wegen",)):
            reason = "".join(reason.split(maxsplit=1)[1:])
        return WithReason(name, line.words[at], reason)

    return parse


def _without_filler(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out one word between a command and its argument."""
    if len(words) == 3 and words[1] in _FILLERS:
        return words[0], words[2]
    return words
