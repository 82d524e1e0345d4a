"""Extract the types that `infra/` uses: `python -m scripts.bicep.extract CLONE`.

`CLONE` is a clone of https://github.com/Azure/bicep-types-az; the types are read from its newest
commit, so it needs no work tree. Run it when a resource of another type or API version is added.
What it writes is `infra/types.json`, in the form that `scripts/bicep/azure_types.py` reads.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

from scripts.bicep.check import INFRA, TYPES
from scripts.bicep.reader import read
from scripts.bicep.types import READ_ONLY, REQUIRED, WRITE_ONLY

SOURCE = "https://github.com/Azure/bicep-types-az"

_REFERENCE = re.compile(r"(?:#/)(?P<index>\d+)")
_FLAGS = REQUIRED | READ_ONLY | WRITE_ONLY
_LIMITS = ("minLength", "maxLength", "pattern", "minValue", "maxValue")
_SIMPLE = {"StringType": "string", "IntegerType": "int", "BooleanType": "bool", "AnyType": "any"}


class TypesMissingError(Exception):
    """Azure has published no such type."""


def main() -> int:
    """Write the types; return the exit code."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("clone", type=Path, help="the clone's folder, or its git directory")
    clone = Clone(options.parse_args().clone)
    try:
        content = extract(clone, used(INFRA))
    except TypesMissingError as error:
        print(error, file=sys.stderr)
        return 1
    TYPES.write_text(written(content), encoding="utf-8")
    print(f"{len(content['resources'])} types of resources, {len(content['objects'])} objects.")
    return 0


class Published(Protocol):
    """Where Azure's types are published, as of one commit."""

    @property
    def commit(self) -> str:
        """Return the commit."""

    def text(self, path: str) -> str:
        """Return a file's text."""

    def paths(self) -> list[str]:
        """Return the paths of all files with types."""


class Clone:
    """A clone of Azure's published types."""

    def __init__(self, folder: Path) -> None:
        """Name its folder."""
        self._folder = folder

    @property
    def commit(self) -> str:
        """Return the newest commit."""
        return self._git("rev-parse", "HEAD").strip()

    def text(self, path: str) -> str:
        """Return a file's text, as of that commit."""
        return self._git("show", f"HEAD:{path}")

    def paths(self) -> list[str]:
        """Return the paths of all files with types."""
        listed = self._git("ls-tree", "-r", "--name-only", "HEAD", "generated").splitlines()
        return [path for path in listed if path.endswith("/types.json")]

    def _git(self, *command: str) -> str:
        return subprocess.run(
            ("git", "-C", str(self._folder), *command),
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout


def used(infra: Path) -> set[str]:
    """Return the types of all resources in `infra/`, with their API versions."""
    return {
        resource.type
        for path in infra.rglob("*.bicep")
        for resource in read(path.read_text(encoding="utf-8")).resources.values()
    }


def extract(published: Published, names: set[str]) -> dict[str, Any]:
    """Return what `infra/types.json` contains; raise TypesMissingError."""
    objects: list[dict[str, Any]] = []
    resources: dict[str, Any] = {}
    paths = published.paths()
    for folder in sorted({_folder(name) for name in names}):
        wanted = {name for name in names if _folder(name) == folder}
        for path in paths:
            if path.split("/", 2)[-1] == f"{folder}/types.json":
                resources |= _Extraction(json.loads(published.text(path)), objects).resources(
                    wanted
                )
    if missing := names - set(resources):
        raise TypesMissingError(f"Azure has published no {', '.join(sorted(missing))}.")
    return {
        "source": SOURCE,
        "commit": published.commit,
        "licence": " ".join(published.text("LICENSE").split()),
        "resources": dict(sorted(resources.items())),
        "objects": objects,
    }


def written(content: dict[str, Any]) -> str:
    """Return the content as JSON, with a line for each object, so that changes can be read."""
    whole = {name: value for name, value in content.items() if name != "objects"}
    rows = ",\n".join(
        json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in content["objects"]
    )
    head = json.dumps(whole, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{head},\n "objects": [\n{rows}\n]}}\n'


def _folder(name: str) -> str:
    kind, _, version = name.partition("@")
    return f"{kind.partition('/')[0]}/{version}".lower()


class _Extraction:
    """Follows the references in one file."""

    def __init__(self, published: list[dict[str, Any]], objects: list[dict[str, Any]]) -> None:
        self._published = published
        self._objects = objects
        self._places: dict[int, int] = {}

    def resources(self, wanted: set[str]) -> dict[str, Any]:
        """Return the resources that this file has of those wanted."""
        names = {name.lower(): name for name in wanted}
        return {
            names[found]: self._type(one["body"])
            for one in self._published
            if one["$type"] == "ResourceType" and (found := one["name"].lower()) in names
        }

    def _type(self, reference: dict[str, str]) -> Any:
        found = _REFERENCE.fullmatch(reference["$ref"])
        if found is None:
            raise ValueError(f"{reference} points to another file")
        index = int(found["index"])
        one = self._published[index]
        kind = one["$type"]
        limits = {name: one[name] for name in _LIMITS if name in one}
        if kind in _SIMPLE:
            return {"is": _SIMPLE[kind], **limits} if limits else _SIMPLE[kind]
        if kind == "StringLiteralType":
            return {"literals": [one["value"]]}
        if kind == "UnionType":
            return self._union(one["elements"])
        if kind == "ArrayType":
            return {"list": self._type(one["itemType"])}
        if kind in {"ObjectType", "DiscriminatedObjectType"}:
            return self._place(index, one)
        raise ValueError(f"{kind} is new")

    def _union(self, elements: list[dict[str, str]]) -> Any:
        """Return a union; an open one without the strings that it is open for.

        Where Azure lists values and takes others too, one that isn't listed is more often a mistake
        of ours than one that Azure added since. The compiler would say nothing.
        """
        parts = [self._type(element) for element in elements]
        others = [part for part in parts if not (isinstance(part, dict) and "literals" in part)]
        literals = [one for part in parts if part not in others for one in part["literals"]]
        if literals and "string" in others:
            others.remove("string")
        if not others:
            return {"literals": literals}
        if len(others) == 1 and not literals:
            return others[0]
        return {"any of": [*others, {"literals": literals}] if literals else others}

    def _place(self, index: int, one: dict[str, Any]) -> int:
        """Return an object's place among the objects extracted."""
        if index in self._places:
            return self._places[index]
        place = self._places[index] = len(self._objects)
        row: dict[str, Any] = {"name": one["name"]}
        self._objects.append(row)
        if one["$type"] == "ObjectType":
            row["properties"] = self._properties(one["properties"])
            if "additionalProperties" in one:
                row["others"] = self._type(one["additionalProperties"])
        else:
            row["properties"] = self._properties(one["baseProperties"])
            row["by"] = one["discriminator"]
            row["cases"] = {name: self._type(case) for name, case in one["elements"].items()}
        return place

    def _properties(self, published: dict[str, dict[str, Any]]) -> dict[str, Any]:
        return {name: self._property(one) for name, one in published.items()}

    def _property(self, one: dict[str, Any]) -> Any:
        flags = one["flags"] & _FLAGS
        of = self._type(one["type"])
        return [flags, of] if flags else of


if __name__ == "__main__":
    sys.exit(main())
