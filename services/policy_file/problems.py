"""The errors of a policy file, and where they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from services.policy_file.lines import Place, line_of, lines_of

_MUST_BE = {
    "string_type": "a string in quotes",
    "dict_type": "a table",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


class PolicyFileError(Exception):
    """The policy file has errors; ``faults`` lists each with its place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class PolicyFileProblem:
    """One error: what the value must be, or why it can't be used."""

    place: Place
    sentence: str


def problems_in(error: ValidationError, at: Place, known: Iterable[str]) -> list[PolicyFileProblem]:
    """Convert pydantic's errors; ``known`` are the keys to suggest for misspelt ones."""
    names = list(known)
    return [
        PolicyFileProblem((*at, *each["loc"]), _sentence(each, names)) for each in error.errors()
    ]


def _sentence(error: Any, known: list[str]) -> str:
    match error["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return _unknown_key(str(error["loc"][-1]), known)
        case "value_error":
            return f"must be {error['ctx']['error']}"
        case "greater_than_equal" | "less_than_equal":
            bound = error["ctx"].get("ge", error["ctx"].get("le"))
            least = error["type"] == "greater_than_equal"
            return f"must be at {'least' if least else 'most'} {bound}"
        case kind:
            # Never pydantic's own message, which may show a pattern or a Python type.
            return f"must be {_MUST_BE.get(kind, 'of another type: see docs/policy.md')}"


def _unknown_key(key: str, known: Iterable[str]) -> str:
    """Report an unknown key, with the one that was probably meant."""
    names = list(known)
    # A key of another kind of table is misplaced, not misspelt.
    near = [] if key in names else get_close_matches(key, names, n=1)
    return f"is not a key of this table{f'; did you mean {near[0]}?' if near else ''}"


def describe_problems(
    flaws: Iterable[PolicyFileProblem], source: str, text: str, names: Mapping[int, str]
) -> list[str]:
    """Write each flaw with its line, table and key, in the order of the file.

    ``names`` are the names of the ``[[secret]]`` tables by number; some may have none.
    """
    lines = lines_of(text)
    placed = [(line_of(flaw.place, lines), flaw) for flaw in flaws]
    placed.sort(key=lambda each: each[0] or 0)
    return [
        f"{source}{f', line {line}' if line else ''}: {_where(flaw.place, names)}{flaw.sentence}"
        for line, flaw in placed
    ]


def _where(place: Place, names: Mapping[int, str]) -> str:
    """Write a place in readable form: ``secret app-api-key: rotation.dependents #2: setting: ``."""
    said = ""
    rest = list(place)
    if rest[:1] == ["secret"] and len(rest) > 1 and isinstance(rest[1], int):
        said = f"secret {names.get(rest[1], f'#{rest[1] + 1}')}: "
        rest = rest[2:]
    keys: list[str] = []
    for key in rest:
        if isinstance(key, int):
            said += f"{'.'.join(keys)} #{key + 1}: "
            keys = []
        else:
            keys.append(key)
    return said + (f"{'.'.join(keys)}: " if keys else "")
