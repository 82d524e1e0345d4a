"""Texts with the parameters of a reason filled in.

A text is a template, such as ``{secret} can't be requested for {window:duration}.``, or a function
if the words depend on the parameters. A parameter that is missing or has another type, since a
newer version may have written it, shows as ``…``: a text never fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Formatter

from cards.kit.terms import DENIED
from domain.access.revocable import place_of
from domain.durations import format_duration, write_duration
from domain.names import listed
from domain.reasons import Param

_MISSING = "…"
_PARSED = Formatter()


@dataclass(frozen=True, slots=True)
class Filled:
    """The parameters of a reason, and the sentences of its parts."""

    params: Mapping[str, Param]
    parts: Sequence[str] = ()

    def fill(self, template: str) -> str:
        """Return a template with its fields filled in; ``{parts}`` is all of the parts."""
        filled: list[str] = []
        for literal, name, spec, _ in _PARSED.parse(template):
            filled.append(literal)
            if name is not None:
                filled.append(self._shown(name, spec or ""))
        return "".join(filled)

    def text(self, name: str) -> str:
        """Return a text; empty if there is none."""
        value = self.params.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float:
        """Return a number; 0 if there is none."""
        value = self.params.get(name)
        return value if isinstance(value, int | float) else 0

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list of names; empty if there is none."""
        value = self.params.get(name)
        return value if isinstance(value, tuple) else ()

    def _shown(self, name: str, spec: str) -> str:
        if name == "parts":
            return " ".join(self.parts)
        return _FORMATS.get(spec, _plain)(self.params.get(name)) or _MISSING


Text = str | Callable[[Filled], str]
"""A template, or a function that returns the sentence."""


def _plain(value: Param) -> str:
    match value:
        case str():
            return value
        case bool() | None:
            return ""
        case int() | float():
            return f"{value:,}"
        case _:
            return listed(value) if value else ""


def _commas(value: Param) -> str:
    return ", ".join(value) if isinstance(value, tuple) else _plain(value)


def _semicolons(value: Param) -> str:
    return "; ".join(value) if isinstance(value, tuple) else _plain(value)


def _duration(value: Param) -> str:
    duration = _seconds(value)
    return "" if duration is None else format_duration(duration)


def _typed(value: Param) -> str:
    duration = _seconds(value)
    return "" if duration is None else write_duration(duration)


def _seconds(value: Param) -> timedelta | None:
    try:
        return timedelta(seconds=value) if isinstance(value, int | float) else None
    except (OverflowError, ValueError):
        return None


def _clock(value: Param) -> str:
    """Show an ISO time as a time of day in UTC."""
    at = _moment(value)
    return f"{at:%H:%M} UTC" if at else ""


def _date(value: Param) -> str:
    at = _moment(value)
    return f"{at:%d %b %Y}" if at else ""


def _minute(value: Param) -> str:
    at = _moment(value)
    return f"{at:%d %b %Y, %H:%M} UTC" if at else ""


def _moment(value: Param) -> datetime | None:
    """Parse an ISO time, in UTC."""
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except (OverflowError, ValueError):
        return None


def _place(value: Param) -> str:
    """Show an ARM scope by kind and name: ``resource group demo-rg``."""
    if not isinstance(value, str):
        return ""
    kind, name = place_of(value)
    return f"{_KINDS.get(kind, 'scope')} {name}"


def _places(value: Param) -> str:
    places = value if isinstance(value, tuple) else (value,)
    return listed([f"the {shown}" for place in places if (shown := _place(place))] or [""])


def _state(value: Param) -> str:
    stored = value if isinstance(value, str) else ""
    return _STATES.get(stored, stored.replace("_", " "))


_KINDS = {
    "subscription": "subscription",
    "resource_group": "resource group",
    "vault": "vault",
    "secret": "secret",
}

_STATES = {
    "denied": DENIED,
    "needs_human": "waiting for a human",
    "granting": "being granted",
    "revoking": "being revoked",
}
"""The states whose names don't fit behind "it is"."""

_FORMATS: Mapping[str, Callable[[Param], str]] = {
    "commas": _commas,
    "semicolons": _semicolons,
    "duration": _duration,
    "typed": _typed,
    "clock": _clock,
    "date": _date,
    "minute": _minute,
    "place": _place,
    "places": _places,
    "state": _state,
}
