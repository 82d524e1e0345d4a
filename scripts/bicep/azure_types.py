"""Reads Azure's types from `infra/types.json`, which `scripts/bicep/extract.py` writes.

A type is written there as its name, as the index of an object, or as an object with one of the keys
below. A property is a type, or the sum of its flags and a type.
"""

import json
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from scripts.bicep import types
from scripts.bicep.types import ANY, BicepType, LiteralType, ObjectType, PropertyType

_SIMPLE: dict[str, BicepType] = {
    "string": types.StringType(),
    "int": types.IntType(),
    "bool": types.BoolType(),
    "any": ANY,
}


class AzureTypes:
    """The types of resources that Azure publishes, as far as extracted."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Take what the file contains."""
        self._resources = {name.lower(): one for name, one in content["resources"].items()}
        self._objects = content["objects"]
        self._object = cache(self._read_object)

    @classmethod
    def load(cls, path: Path) -> "AzureTypes":
        """Read the file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def resource(self, name: str) -> BicepType | None:
        """Return the type of a resource, whose name ends in @ and the API version."""
        index = self._resources.get(name.lower())
        return None if index is None else self._object(index)

    def _read_object(self, index: int) -> ObjectType:
        row = self._objects[index]
        return ObjectType(
            name=row["name"],
            find=partial(self._properties, row["properties"]),
            others=self._type(row["others"]) if "others" in row else None,
            by=row.get("by"),
            cases={name: self._object(case) for name, case in row.get("cases", {}).items()},
        )

    def _properties(self, rows: Mapping[str, Any]) -> dict[str, PropertyType]:
        return {name: self._property(row) for name, row in rows.items()}

    def _property(self, row: Any) -> PropertyType:
        flags, of = row if isinstance(row, list) else (0, row)
        return PropertyType(self._type(of), flags)

    def _type(self, row: Any) -> BicepType:
        if isinstance(row, int):
            return self._object(row)
        if isinstance(row, str):
            return _SIMPLE[row]
        if "any of" in row:
            return types.one_of([self._type(one) for one in row["any of"]])
        if "literals" in row:
            return types.one_of([LiteralType(one) for one in row["literals"]])
        if "list" in row:
            return types.ListType(self._type(row["list"]))
        if row["is"] == "int":
            return types.IntType(row.get("minValue"), row.get("maxValue"))
        return types.StringType(row.get("minLength", 0), row.get("maxLength"), row.get("pattern"))
