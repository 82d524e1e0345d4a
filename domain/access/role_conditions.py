"""Conditions on the right to assign roles: which roles they let somebody assign to a person.

Source: Microsoft Learn, "Azure role assignment condition format and syntax", and "Examples to
delegate Azure role assignment management with conditions".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class RoleAction(StrEnum):
    """What can be done with a role assignment."""

    ASSIGN = "Microsoft.Authorization/roleAssignments/write"
    REMOVE = "Microsoft.Authorization/roleAssignments/delete"


_SOURCES = {RoleAction.ASSIGN: "request", RoleAction.REMOVE: "resource"}
"""Where a condition finds the attributes of the assignment that an action is about."""
_ATTRIBUTES = "microsoft.authorization/roleassignments:"

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<open>\() | (?P<close>\))
    | (?P<not>!|NOT\b) | (?P<and>&&|AND\b) | (?P<or>\|\||OR\b)
    | ActionMatches\s*\{\s*'(?P<action>[^']*)'\s*\}
    | @(?P<source>\w+)\[(?P<name>[^\]]+)\]\s*(?P<operator>[\w:]+)\s*
      (?P<values>\{[^}]*\}|'[^']*'|[\w-]+)
    | (?P<other>(?:SubOperationMatches|Exists)\s*(?:\{[^}]*\}|@\w+\[[^\]]*\]))
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_COMPARED = re.compile(
    r"(?:ForAnyOf(?P<which>Any|All)Values:)?(?:Guid|String)(?P<not>Not)?Equals(?:IgnoreCase)?",
    re.IGNORECASE,
)
_VALUE = re.compile(r"'([^']*)'|([\w-]+)")

_Token = Mapping[str, str | None]


def lets(condition: str, action: RoleAction, role: str) -> bool | None:
    """Return whether a condition lets an action be done with a role, by GUID, for any person.

    None if that depends on something else, or if the condition isn't understood. Without a
    condition everything is allowed.
    """
    if not condition.strip():
        return True
    tokens = _tokens(condition)
    if tokens is None:
        return None
    facts = {"roledefinitionid": role.lower(), "principaltype": "user"}
    reader = _Reader(tokens, action, {f"{_ATTRIBUTES}{name}": text for name, text in facts.items()})
    try:
        answer = reader.either()
    except IndexError:
        return None
    return answer if reader.is_at_end else None


def roles_named(condition: str) -> frozenset[str]:
    """Return the GUIDs that a condition names, in lower case."""
    return frozenset(_GUID.findall(condition.lower()))


_GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(slots=True)
class _Reader:
    """Evaluate tokens from left to right, with None for what isn't known; AND binds tighter."""

    tokens: list[_Token]
    action: RoleAction
    facts: Mapping[str, str]
    at: int = 0

    @property
    def is_at_end(self) -> bool:
        return self.at == len(self.tokens)

    def either(self) -> bool | None:
        found = self._both()
        while self._took("or"):
            other = self._both()
            found = _negated(_and(_negated(found), _negated(other)))
        return found

    def _both(self) -> bool | None:
        found = self._one()
        while self._took("and"):
            found = _and(found, self._one())
        return found

    def _one(self) -> bool | None:
        if self._took("not"):
            return _negated(self._one())
        if self._took("open"):
            found = self.either()
            if not self._took("close"):
                raise IndexError
            return found
        token = self.tokens[self.at]
        self.at += 1
        if (pattern := token["action"]) is not None:
            return fnmatchcase(self.action.lower(), pattern.lower())
        if token["source"] is not None:
            return self._compared(token)
        if token["other"] is not None:
            return None
        raise IndexError

    def _compared(self, token: _Token) -> bool | None:
        operator = _COMPARED.fullmatch(str(token["operator"]))
        fact = self.facts.get(str(token["name"]).lower())
        is_about_it = str(token["source"]).lower() == _SOURCES[self.action]
        if operator is None or fact is None or not is_about_it:
            return None
        values = ["".join(found).lower() for found in _VALUE.findall(str(token["values"]))]
        results = [(one == fact) is (operator["not"] is None) for one in values]
        return all(results) if str(operator["which"]).lower() == "all" else any(results)

    def _took(self, kind: str) -> bool:
        took = not self.is_at_end and self.tokens[self.at][kind] is not None
        self.at += took
        return took


def _tokens(condition: str) -> list[_Token] | None:
    found: list[_Token] = []
    at, text = 0, condition.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        found.append(token.groupdict())
        at = token.end()
    return found


def _and(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _negated(one: bool | None) -> bool | None:
    return None if one is None else not one
