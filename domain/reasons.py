"""Why something was refused or failed: a code with parameters, which ``cards.reasons`` words.

What is stored and logged is the code, so wording and language can change in one place.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

Param = str | int | float | bool | None | tuple[str, ...]
"""A plain fact: a name, a count, seconds, an ISO moment, or a list of names."""

AS_WRITTEN = "as_written"
"""The code of a sentence that an older version stored; it is shown as it is."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, its parameters, and the reasons that it is made of."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)
    parts: tuple["Reason", ...] = ()

    def __str__(self) -> str:
        """Return code and parameters for the log: ``unknown_secret (secret=a, vault=b)``."""
        if self.code == AS_WRITTEN:
            return str(self.params.get("text", ""))
        shown = ", ".join(f"{name}={_shown(value)}" for name, value in self.params.items())
        own = f"{self.code} ({shown})" if shown else self.code
        return f"{own}: {'; '.join(map(str, self.parts))}" if self.parts else own


def as_written(sentence: str) -> Reason:
    """Return the reason for a sentence that is shown as it is."""
    return Reason(AS_WRITTEN, {"text": sentence})


def facts_of_reason(reason: Reason, name: str = "reason") -> dict[str, str]:
    """Return what an event keeps of a reason: the code under ``name``, the rest beside it."""
    if reason.code == AS_WRITTEN:
        return {name: str(reason)}
    facts = {name: reason.code, f"{name}_params": json.dumps(dict(reason.params))}
    if reason.parts:
        facts[f"{name}_parts"] = json.dumps([_members(part) for part in reason.parts])
    return facts


def reason_in(facts: Mapping[str, object], name: str = "reason") -> Reason | None:
    """Read a reason from an event's facts; None if it has none.

    Events of older versions have a sentence and no parameters.
    """
    code = facts.get(name)
    if code is None or code == "":
        return None
    params = facts.get(f"{name}_params")
    if params is None:
        return as_written(str(code))
    parts = _read_json(facts.get(f"{name}_parts"))
    return _reason(
        {
            "code": code,
            "params": _read_json(params),
            "parts": parts,
        }
    )


def _shown(value: Param) -> str:
    return "/".join(value) if isinstance(value, tuple) else str(value)


def _members(reason: Reason) -> dict[str, object]:
    return {
        "code": reason.code,
        "params": dict(reason.params),
        "parts": [_members(part) for part in reason.parts],
    }


def _read_json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _reason(members: Mapping[object, object]) -> Reason:
    """Build a reason from JSON; what isn't of the right type is left out."""
    params, parts = members.get("params"), members.get("parts")
    named = params.items() if isinstance(params, Mapping) else ()
    return Reason(
        str(members.get("code")),
        {str(name): _param(value) for name, value in named},
        tuple(_reason(part) for part in parts if isinstance(part, Mapping))
        if isinstance(parts, list)
        else (),
    )


def _param(value: object) -> Param:
    if value is None or isinstance(value, str | int | float):
        return value
    return tuple(map(str, value)) if isinstance(value, list) else str(value)
