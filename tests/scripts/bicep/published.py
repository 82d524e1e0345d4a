"""Types as Azure publishes them, small and invented."""

import json
from collections.abc import Mapping
from typing import Any

from scripts.bicep.azure_types import AzureTypes
from scripts.bicep.extract import extract

PATH = "generated/shop/microsoft.shop/2026-01-01/types.json"

_OPTIONAL, _REQUIRED, _READ_ONLY, _WRITE_ONLY, _AT_START = 0, 1, 2, 4, 8


def _to(index: int) -> dict[str, str]:
    return {"$ref": f"#/{index}"}


def _object(called: str, /, **properties: tuple[int, int]) -> dict[str, Any]:
    return {
        "$type": "ObjectType",
        "name": called,
        "properties": {
            key: {"type": _to(index), "flags": flags, "description": "What it is."}
            for key, (index, flags) in properties.items()
        },
    }


def _literal(value: str) -> dict[str, str]:
    return {"$type": "StringLiteralType", "value": value}


def _resource(name: str, body: int) -> dict[str, Any]:
    return {"$type": "ResourceType", "name": name, "body": _to(body), "writableScopes": 8}


_TYPES: list[dict[str, Any]] = [
    {"$type": "StringType"},
    {"$type": "IntegerType", "minValue": 1, "maxValue": 9},
    {"$type": "BooleanType"},
    _literal("Open"),
    _literal("Shut"),
    {"$type": "UnionType", "elements": [_to(3), _to(4)]},
    {"$type": "UnionType", "elements": [_to(3), _to(0)]},
    {"$type": "ArrayType", "itemType": _to(8)},
    _object("Shelf", label=(0, _REQUIRED), goods=(9, _OPTIONAL), parts=(7, _OPTIONAL)),
    {"$type": "ArrayType", "itemType": _to(0)},
    {"$type": "StringType", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
    {**_object("Tags"), "additionalProperties": _to(0)},
    _object(
        "ShopProperties",
        door=(5, _REQUIRED),
        mood=(0, _OPTIONAL),
        view=(6, _OPTIONAL),
        floors=(1, _OPTIONAL),
        isLit=(2, _OPTIONAL),
        code=(10, _OPTIONAL),
        shelves=(7, _OPTIONAL),
        address=(0, _READ_ONLY),
        key=(0, _WRITE_ONLY),
    ),
    _object(
        "Microsoft.Shop/shops",
        id=(0, _READ_ONLY | _AT_START),
        name=(0, _REQUIRED | _AT_START),
        tags=(11, _OPTIONAL),
        properties=(12, _OPTIONAL),
    ),
    _resource("Microsoft.Shop/shops@2026-01-01", 13),
    {
        "$type": "DiscriminatedObjectType",
        "name": "Microsoft.Shop/shops/config",
        "discriminator": "name",
        "baseProperties": _object("", id=(0, _READ_ONLY))["properties"],
        "elements": {"lights": _to(16), "tills": _to(19)},
    },
    _object("Lights", name=(17, _REQUIRED), properties=(11, _REQUIRED)),
    _literal("lights"),
    _literal("tills"),
    _object("Tills", name=(18, _REQUIRED), properties=(12, _REQUIRED)),
    _resource("Microsoft.Shop/shops/config@2026-01-01", 15),
    _object("Unused", name=(0, _REQUIRED)),
]


class PublishedTypes:
    """Stands for a clone of them."""

    @property
    def commit(self) -> str:
        """Return the commit."""
        return "0123abc"

    def text(self, path: str) -> str:
        """Return a file's text."""
        return {PATH: json.dumps(_TYPES), "LICENSE": "MIT License\n\n Copyright (c) Shop\n"}[path]

    def paths(self) -> list[str]:
        """Return the paths of the files with types."""
        return ["generated/shop/microsoft.shop/2025-01-01/types.json", PATH]


def extracted(*names: str) -> Mapping[str, Any]:
    """Return what is extracted for some resources, after a way through JSON."""
    whole = extract(PublishedTypes(), {f"Microsoft.Shop/{name}@2026-01-01" for name in names})
    found: Mapping[str, Any] = json.loads(json.dumps(whole))
    return found


def azure() -> AzureTypes:
    """Return the types of all its resources."""
    return AzureTypes(extracted("shops", "shops/config"))
