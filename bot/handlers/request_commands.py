"""The commands that ask for access: ``request secret``, ``break glass`` and ``extend``."""

from dataclasses import dataclass

from bot.handlers.command import Line
from bot.handlers.request_line import read_asked

_BREAK_GLASS = (("break", "glass"), ("break-glass",), ("breakglass",))
_REQUEST = (
    ("request", "access", "to"),
    ("request", "secret"),
    ("request", "secrets"),
    ("request",),
)


@dataclass(frozen=True, slots=True)
class RequestSecret:
    """``request secret NAMES [for EMAIL] [for DURATION] [from START] [because …]``, as typed."""

    secrets: tuple[str, ...]
    duration: str | None
    justification: str | None
    for_whom: str = ""
    start: str | None = None


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """``break glass NAMES [for DURATION] because REASON``, as typed."""

    secrets: tuple[str, ...]
    duration: str | None
    justification: str
    start: str | None = None


@dataclass(frozen=True, slots=True)
class ExtendAccess:
    """``extend ID DURATION``, with the duration as typed."""

    request_id: str
    duration: str


def read_request(line: Line) -> RequestSecret | None:
    """Read a request; None where it names no secret."""
    asked = read_asked(line.after(*_REQUEST))
    if asked is None:
        return None
    return RequestSecret(asked.secrets, asked.duration, asked.reason, asked.whom, asked.start)


def read_break_glass(line: Line) -> BreakGlass | None:
    """Read a request for break-glass access; None where it names no secret."""
    taken = read_asked(line.after(*_BREAK_GLASS))
    if taken is None:
        return None
    # Break-glass access is only ever for oneself, so an email here is an invalid duration.
    duration = taken.whom or taken.duration
    return BreakGlass(taken.secrets, duration, taken.reason or "", taken.start)


def read_extend(line: Line) -> ExtendAccess | None:
    """Read ``extend ID [by|for] DURATION``."""
    match line.words:
        case ["extend", request_id, "by" | "for", *duration] if duration:
            return ExtendAccess(request_id, " ".join(duration))
        case ["extend", request_id, *duration] if duration:
            return ExtendAccess(request_id, " ".join(duration))
        case _:
            return None
