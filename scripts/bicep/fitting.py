"""Whether a value of one type can stand where another type is wanted."""

from difflib import get_close_matches

from scripts.bicep.types import (
    ANY,
    BicepType,
    BoolType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    StringType,
    UnionType,
    parts_of,
)


def fits(given: BicepType, wanted: BicepType) -> bool:
    """Return whether it can, as far as types tell."""
    if ANY in {given, wanted} or isinstance(given, NullType):
        return True
    if isinstance(given, UnionType):
        return all(fits(one, wanted) for one in given.of)
    if isinstance(wanted, UnionType):
        return any(fits(given, one) for one in wanted.of)
    if isinstance(given, LiteralType):
        return _literal_fits(given.value, wanted)
    if isinstance(given, ListType):
        return isinstance(wanted, ListType) and fits(given.item, wanted.item)
    if isinstance(wanted, LiteralType):  # a string of ours can be the one wanted
        return isinstance(given, type(_of_literal(wanted.value)))
    return isinstance(given, type(wanted))


def why_not(given: BicepType, wanted: BicepType) -> str:
    """Say why a value doesn't fit."""
    values = _values(wanted)
    if isinstance(given, LiteralType) and values:
        return f"{given} isn't one of {', '.join(values)}"
    if isinstance(given, LiteralType) and fits(_of_literal(given.value), wanted):
        return f"{given} has a length, range or form that Azure doesn't take: {_limits(wanted)}"
    return f"wants {wanted}, not {given}"


def did_you_mean(name: str, names: list[str]) -> str:
    """Return a question to end a sentence with, or nothing."""
    same = [one for one in names if one.lower() == name.lower()]
    found = same or get_close_matches(name, names, n=1)
    return f"; did you mean {found[0]}?" if found else ""


def _values(wanted: BicepType) -> list[str]:
    parts = parts_of(wanted)
    return [str(one) for one in parts] if all(isinstance(p, LiteralType) for p in parts) else []


def _literal_fits(value: str | int | bool, wanted: BicepType) -> bool:
    if isinstance(wanted, LiteralType):
        return type(value) is type(wanted.value) and value == wanted.value
    if isinstance(value, bool):
        return isinstance(wanted, BoolType)
    if isinstance(value, int):
        return isinstance(wanted, IntType) and wanted.has(value)
    return isinstance(wanted, StringType) and wanted.has(value)


def _of_literal(value: str | int | bool) -> BicepType:
    if isinstance(value, bool):
        return BoolType()
    return IntType() if isinstance(value, int) else StringType()


def _limits(wanted: BicepType) -> str:
    if isinstance(wanted, IntType):
        return f"from {wanted.lowest} to {wanted.highest}"
    if isinstance(wanted, StringType):
        pattern = f", matching {wanted.pattern}" if wanted.pattern else ""
        return f"{wanted.shortest} to {wanted.longest} characters{pattern}"
    return str(wanted)
