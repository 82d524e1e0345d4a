"""Texts with the parameters of a reason filled in.

A text is a template, such as ``{secret} can't be requested for {window:duration}.``, or a function
if the words depend on the parameters. Both are in the language that is spoken: a template is marked
where it is written, and translated when it is filled. A parameter that is missing or has another
type, since a newer version may have written it, shows as ``…``: a text never fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Formatter

from cards.kit.times import clock, day, duration, utc
from cards.languages.texts import listed, number, say
from domain.access.revocable import place_of
from domain.durations import write_duration
from domain.phrases import mark
from domain.reasons import Param

_MISSING = "…"
_PARSED = Formatter()
_TOO_LARGE = 10**15  # nothing counted, and Babel fails on numbers of more digits than it expects


@dataclass(frozen=True, slots=True)
class Filled:
    """The parameters of a reason, and the sentences of its parts."""

    params: Mapping[str, Param]
    parts: Sequence[str] = ()

    def fill(self, template: str) -> str:
        """Return a template, translated, with its fields filled in.

        ``{parts}`` is all of the parts, ``{parts:semicolons}`` the same with semicolons between.
        """
        filled: list[str] = []
        for literal, name, spec, _ in _PARSED.parse(say(template)):
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
            return ("; " if spec == "semicolons" else " ").join(self.parts)
        return _FORMATS.get(spec, _plain)(self.params.get(name)) or _MISSING


Text = str | Callable[[Filled], str]
"""A template, or a function that returns the sentence."""


def filled_in(text: Text, filled: Filled) -> str:
    """Return the sentence of a text."""
    return filled.fill(text) if isinstance(text, str) else text(filled)


def if_known(name: str, known: Text, unknown: Text) -> Text:
    """Return one of two texts; the second is for reasons without a parameter ``name``."""
    return lambda filled: filled_in(known if filled.params.get(name) else unknown, filled)


def with_advice(said: Text, advice: str) -> Text:
    """Return a text with what to do next, which only the person concerned reads.

    Others read what happened, such as those in the audit channel.
    """

    def text(filled: Filled) -> str:
        sentence = filled_in(said, filled)
        return sentence if filled.params.get("person") else f"{sentence} {filled.fill(advice)}"

    return text


def _plain(value: Param) -> str:
    match value:
        case str():
            return value
        case bool() | None:
            return ""
        case int() | float():
            return number(value) if abs(value) < _TOO_LARGE else ""
        case _:
            return listed(value) if value else ""


def _commas(value: Param) -> str:
    return ", ".join(value) if isinstance(value, tuple) else _plain(value)


def _semicolons(value: Param) -> str:
    return "; ".join(value) if isinstance(value, tuple) else _plain(value)


def _duration(value: Param) -> str:
    length = _seconds(value)
    return "" if length is None else duration(length)


def _typed(value: Param) -> str:
    length = _seconds(value)
    return "" if length is None else write_duration(length)


def _seconds(value: Param) -> timedelta | None:
    try:
        return timedelta(seconds=value) if isinstance(value, int | float) else None
    except (OverflowError, ValueError):
        return None


def _clock(value: Param) -> str:
    """Show an ISO time as a time of day in UTC."""
    at = _moment(value)
    return clock(at) if at else ""


def _date(value: Param) -> str:
    at = _moment(value)
    return day(at) if at else ""


def _minute(value: Param) -> str:
    at = _moment(value)
    return utc(at) if at else ""


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
    return say(_KINDS.get(kind, _ANY_KIND), name=name)


def _places(value: Param) -> str:
    """Show ARM scopes in a sentence: ``the resource group demo-rg and the vault demo-vault``."""
    places = value if isinstance(value, tuple) else (value,)
    named = [place_of(place) for place in places if isinstance(place, str)]
    return listed([say(_THE_KINDS.get(kind, _ANY_OF_THE_KINDS), name=name) for kind, name in named])


def _service(value: Param) -> str:
    """Show a service at the beginning of a sentence, with what it's for if people don't know it."""
    name = _plain(value)
    known = _SERVICES.get(name.lower().replace(" ", "_"))
    return say(known) if known else name


def _state(value: Param) -> str:
    stored = value if isinstance(value, str) else ""
    known = _STATES.get(stored)
    return say(known) if known else stored.replace("_", " ")


_KINDS = {
    "subscription": mark("subscription {name}"),
    "resource_group": mark("resource group {name}"),
    "vault": mark("vault {name}"),
    "secret": mark("secret {name}"),
}
_ANY_KIND = mark("scope {name}")

_THE_KINDS = {
    "subscription": mark("the subscription {name}"),
    "resource_group": mark("the resource group {name}"),
    "vault": mark("the vault {name}"),
    "secret": mark("the secret {name}"),
}
_ANY_OF_THE_KINDS = mark("the scope {name}")

_SERVICES = {
    "table_storage": mark("Table Storage, where I keep everything,"),
    "microsoft_graph": mark("The directory (Microsoft Graph)"),
}

_STATES = {
    "pending": mark("pending"),
    "scheduled": mark("scheduled"),
    "granting": mark("being granted"),
    "active": mark("active"),
    "revoking": mark("being revoked"),
    "stuck": mark("stuck"),
    "revoked": mark("revoked"),
    "denied": mark("denied"),
    "cancelled": mark("cancelled"),
    "lapsed": mark("expired"),
    "failed": mark("failed"),
    "closed": mark("closed"),
    "running": mark("running"),
    "overlapping": mark("overlapping"),
    "rotated": mark("rotated"),
    "rolling_back": mark("rolling back"),
    "rolled_back": mark("rolled back"),
    "needs_human": mark("waiting for a human"),
    "abandoned": mark("abandoned"),
    "spared": mark("spared"),
}
"""The states of requests, rotations and orphaned access, as they stand behind "it is"."""

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
    "service": _service,
    "state": _state,
}
