"""Records the fields of what is stored, for each schema.

``python -m tests.services.written.fields`` records those of ``codec.SCHEMA``, and
``test_stored_fields.py`` compares.
"""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

from domain.workflow import Event
from services.workflow import codec

_MODULES = re.compile(r"\b(?:\w+\.)+(?=\w)")

Fields = dict[str, dict[str, str]]
"""The type of each field, by the name of its class."""


def path_of(schema: int) -> Path:
    return Path(__file__).parent / f"fields-of-schema-{schema}.json"


def fields_stored() -> Fields:
    """Return the fields of every dataclass that is part of a head or an event."""
    found: Fields = {}
    for stored in (*get_args(codec.Head), Event):
        _collect(stored, found)
    return dict(sorted(found.items()))


def recorded(schema: int) -> Fields:
    """Return what was recorded for a schema; empty if nothing was."""
    path = path_of(schema)
    fields: Fields = json.loads(path.read_text()) if path.exists() else {}
    return fields


def changed(before: Fields, now: Fields) -> list[str]:
    """Return each field that is new, gone or of another type."""
    return [
        f"{name}.{field}"
        for name in sorted(before.keys() | now.keys())
        for field in sorted(before.get(name, {}).keys() | now.get(name, {}).keys())
        if before.get(name, {}).get(field) != now.get(name, {}).get(field)
    ]


def record() -> None:
    """Record the fields of the present schema; raises FileExistsError if they were recorded."""
    with path_of(codec.SCHEMA).open("x") as file:
        json.dump(fields_stored(), file, indent=1)
        file.write("\n")


def _collect(stored: Any, found: Fields) -> None:
    if isinstance(stored, type) and dataclasses.is_dataclass(stored):
        if stored.__name__ in found:
            return
        types_ = get_type_hints(stored)
        names = [field.name for field in dataclasses.fields(stored)]
        found[stored.__name__] = {name: _spelled(types_[name]) for name in names}
        for name in names:
            _collect(types_[name], found)
    for part in get_args(stored):
        _collect(part, found)


def _spelled(kind: Any) -> str:
    """Write a type without its modules: they may be moved while what is stored stays the same."""
    whole = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return _MODULES.sub("", whole)


if __name__ == "__main__":
    record()
