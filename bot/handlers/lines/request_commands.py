"""The commands that ask for access: ``request secret``, ``break glass`` and ``extend``."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.handlers.lines.command import Line
from bot.handlers.lines.request_line import names_no_secret, read_asked, words_before_phrases

_BREAK_GLASS = (("break", "glass"), ("break-glass",), ("breakglass",))
_SOME_NAME = "name"
"""In place of one that was left out: what follows is read as if it were there."""
_REQUEST = (
    ("request", "access", "to"),
    ("request", "secret"),
    ("request", "secrets"),
    ("request",),
)


@dataclass(frozen=True, slots=True)
class RequestSecret:
    """``request secret NAMES [for PERSON] [for DURATION] [from START] [because …]``, as typed."""

    secrets: tuple[str, ...]
    duration: str | None
    justification: str | None
    for_whom: str = ""
    start: str | None = None


@dataclass(frozen=True, slots=True)
class PickSecret:
    """``request`` without a name, with what was typed in place of it, such as ``for 2h``."""

    more: str = ""
    mentioned: str = ""
    """The person in it whom it is for, if they are mentioned."""


@dataclass(frozen=True, slots=True)
class MissingComma:
    """Several words where a request names its secrets, and the rest of the line."""

    names: tuple[str, ...]
    rest: str

    @property
    def as_secrets(self) -> str:
        """The request for all of them."""
        return f"request secret {', '.join(self.names)} {self.rest}".strip()

    @property
    def as_reason(self) -> str:
        """The request for the first, with the others as part of the reason."""
        return f"request secret {self.names[0]} for {' '.join(self.names[1:])} {self.rest}".strip()


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """``break glass NAMES [for DURATION] because REASON``, as typed."""

    secrets: tuple[str, ...]
    duration: str | None
    justification: str
    start: str | None = None


@dataclass(frozen=True, slots=True)
class ExtendAccess:
    """``extend ID DURATION``, with the duration as typed; empty if there is none."""

    request_id: str
    duration: str


def read_request(line: Line) -> RequestSecret | PickSecret | None:
    """Read a request, with or without a name; None where its names can't be read."""
    text = line.after(*_REQUEST)
    asked = read_asked(text, line.people)
    if asked is None:
        return _without_name(text, line.people) if names_no_secret(text) else None
    return RequestSecret(asked.secrets, asked.duration, asked.reason, asked.whom, asked.start)


def _without_name(text: str, people: Sequence[str]) -> PickSecret:
    asked = read_asked(f"{_SOME_NAME} {text}", people)
    named = [name for name in people if asked and asked.whom == name]
    return PickSecret(text, *named[:1])


def read_missing_comma(line: Line) -> MissingComma | None:
    """Read a request that can't be read because its names, or a name and a reason, run together."""
    if line.first != "request":
        return None
    names, rest = words_before_phrases(line.after(*_REQUEST))
    return MissingComma(names, rest) if len(names) > 1 else None


def read_break_glass(line: Line) -> BreakGlass | None:
    """Read a request for break-glass access; None where it names no secret."""
    taken = read_asked(line.after(*_BREAK_GLASS), line.people)
    if taken is None:
        return None
    # Break-glass access is only ever for oneself, so a person here is an invalid duration.
    duration = taken.whom or taken.duration
    return BreakGlass(taken.secrets, duration, taken.reason or "", taken.start)


def read_extend(line: Line) -> ExtendAccess | None:
    """Read ``extend ID [by|for] [DURATION]``."""
    match line.words:
        case ["extend", request_id, "by" | "for" | "um" | "für", *duration]:
            return ExtendAccess(request_id, " ".join(duration))
        case ["extend", request_id, *duration]:
            return ExtendAccess(request_id, " ".join(duration))
        case _:
            return None
