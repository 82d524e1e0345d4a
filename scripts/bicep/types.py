"""Types: those that Azure publishes, and those of expressions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

REQUIRED, READ_ONLY, WRITE_ONLY = 1, 2, 4


class BicepType:
    """A type. Its string is how Bicep writes it."""


@dataclass(frozen=True)
class AnyType(BicepType):
    """The type of what isn't known: anything fits it."""

    def __str__(self) -> str:
        """Write it as Bicep does."""
        return "any"


@dataclass(frozen=True)
class NullType(BicepType):
    """The type of null, which stands for a property that isn't there."""

    def __str__(self) -> str:
        """Write it as Bicep does."""
        return "null"


@dataclass(frozen=True)
class StringType(BicepType):
    """Strings, of some lengths or of a pattern."""

    shortest: int = 0
    longest: int | None = None
    pattern: str | None = None

    def __str__(self) -> str:
        """Write it as Bicep does."""
        return "string"

    def has(self, text: str) -> bool:
        """Return whether a string is one of these."""
        longest = len(text) if self.longest is None else self.longest
        return self.shortest <= len(text) <= longest and _matches(self.pattern, text)


@dataclass(frozen=True)
class IntType(BicepType):
    """Whole numbers, in some range."""

    lowest: int | None = None
    highest: int | None = None

    def __str__(self) -> str:
        """Write it as Bicep does."""
        return "int"

    def has(self, number: int) -> bool:
        """Return whether a number is one of these."""
        lowest = number if self.lowest is None else self.lowest
        return lowest <= number <= (number if self.highest is None else self.highest)


@dataclass(frozen=True)
class BoolType(BicepType):
    """True and false."""

    def __str__(self) -> str:
        """Write it as Bicep does."""
        return "bool"


@dataclass(frozen=True)
class LiteralType(BicepType):
    """One value."""

    value: str | int | bool

    def __str__(self) -> str:
        """Write it as Bicep does."""
        if isinstance(self.value, str):
            return f"'{self.value}'"
        return str(self.value).lower()


@dataclass(frozen=True)
class UnionType(BicepType):
    """One of several types."""

    of: tuple[BicepType, ...]

    def __str__(self) -> str:
        """Write it as Bicep does."""
        return " | ".join(str(one) for one in self.of)


@dataclass(frozen=True)
class ListType(BicepType):
    """Arrays."""

    item: BicepType

    def __str__(self) -> str:
        """Write it as Bicep does."""
        return f"({self.item})[]" if isinstance(self.item, UnionType) else f"{self.item}[]"


ANY = AnyType()


@dataclass(frozen=True)
class PropertyType:
    """A property's type, and whether it must be there, or can't be written or read."""

    of: BicepType
    flags: int = 0

    @property
    def is_required(self) -> bool:
        """Return whether it must be written."""
        return self.flags & (REQUIRED | READ_ONLY) == REQUIRED


@dataclass(frozen=True, eq=False)
class ObjectType(BicepType):
    """Objects: their properties, and the type of all others, if they can have others.

    A property called `by` decides which of `cases` adds its properties.
    """

    name: str
    find: Callable[[], Mapping[str, PropertyType]]
    others: BicepType | None = None
    by: str | None = None
    cases: Mapping[str, "ObjectType"] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return its name."""
        return self.name

    @cached_property
    def properties(self) -> Mapping[str, PropertyType]:
        """Return its properties, which can lead back to itself."""
        return self.find()

    def case(self, value: str) -> "ObjectType":
        """Return the objects with one value of the property that decides; raise KeyError.

        That property fits already, so it has no type.
        """
        found = self.cases[value]
        properties = {**self.properties, **found.properties, self.by or "": PropertyType(ANY)}
        return ObjectType(found.name, lambda: properties, found.others)


def one_of(types: Sequence[BicepType]) -> BicepType:
    """Return what has one of these types."""
    flat = [part for one in types for part in parts_of(one)]
    different = tuple(dict.fromkeys(flat))
    if not different or ANY in different:
        return ANY
    return different[0] if len(different) == 1 else UnionType(different)


def parts_of(one: BicepType) -> tuple[BicepType, ...]:
    """Return the types of which this is a union; any other type is its only part."""
    return one.of if isinstance(one, UnionType) else (one,)


def _matches(pattern: str | None, text: str) -> bool:
    try:
        return pattern is None or re.search(pattern, text) is not None
    except re.error:  # .NET knows more than Python does
        return True
