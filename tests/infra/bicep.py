"""A minimal reader for the Bicep in `infra/`, as formatted by Bicep's formatter."""

import re
from dataclasses import dataclass
from pathlib import Path

INFRA = Path(__file__).resolve().parents[2] / "infra"

_PARAMETER = re.compile(r"^param (?P<name>\w+) \S+(?P<default> = )?", re.MULTILINE)
_VALUE = re.compile(r"^param (?P<name>\w+) = (?P<value>.+)$", re.MULTILINE)
_VARIABLE = re.compile(r"^var (?P<name>\w+) = '(?P<text>[^']*)'$", re.MULTILINE)
_OUTPUT = re.compile(r"^output (?P<name>\w+) ", re.MULTILINE)
_MODULE = re.compile(r"^module (?P<name>\w+) '(?P<path>[^']+)'", re.MULTILINE)
_MEMBER = re.compile(r"^(?P<indent> *)(?P<name>\w+): (?P<value>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """A module used in ``main.bicep``: its file and the parameters passed to it."""

    path: str
    given: frozenset[str]


def source(path: str) -> str:
    """Return the text of a file in ``infra/``."""
    return (INFRA / path).read_text(encoding="utf-8")


def parameters(text: str) -> dict[str, bool]:
    """Return the names of a file's parameters, and whether each is required."""
    return {found["name"]: found["default"] is None for found in _PARAMETER.finditer(text)}


def values(text: str) -> dict[str, str]:
    """Return a parameter file's values, as written."""
    return {found["name"]: found["value"] for found in _VALUE.finditer(text)}


def variables(text: str) -> dict[str, str]:
    """Return a file's plain string variables."""
    return {found["name"]: found["text"] for found in _VARIABLE.finditer(text)}


def outputs(text: str) -> set[str]:
    """Return the names of a file's outputs."""
    return {found["name"] for found in _OUTPUT.finditer(text)}


def modules(text: str) -> dict[str, Module]:
    """Return the modules used in a file, by their names there."""
    return {
        found["name"]: Module(
            found["path"], frozenset(members(block(text[found.end() :], "params: {")))
        )
        for found in _MODULE.finditer(text)
    }


def members(text: str) -> dict[str, str]:
    """Return an object's own members, as written, without those of nested objects."""
    found = list(_MEMBER.finditer(text))
    outermost = min((len(member["indent"]) for member in found), default=0)
    return {
        member["name"]: member["value"] for member in found if len(member["indent"]) == outermost
    }


def block(text: str, opening: str) -> str:
    """Return the text between an opening brace and its match; raise ValueError without either."""
    start = text.index(opening) + len(opening)
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
    raise ValueError(f"{opening} isn't closed")
