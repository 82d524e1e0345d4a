"""Generate the tables of variables in the docs, from the settings.

Runs inside ``.venv``: ``python scripts/dev.py generate`` calls it.
"""

import json
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from pydantic.fields import FieldInfo

from config import ConfigurationError, Settings, read_settings
from config.section import Section, Unset
from scripts import markdown, paths
from services.variable_names import READ_BY_LIBRARIES

PAGE = paths.ROOT / "docs" / "variables.md"
SECTIONS = [base for base in Settings.__bases__ if issubclass(base, Section)]
LIBRARIES = "libraries"

_SOME_APP = {"MicrosoftAppId": "00000000-0000-0000-0000-000000000000"}
_NAME = re.compile(r"\b\w*(?:_|[a-z][A-Z])\w*\b")
"""A variable, or a value in mixed case."""


def tables() -> dict[str, str]:
    """Return each table by the name of its place: a section's class, or `libraries`."""
    required = {**_required({}), **_required(_SOME_APP)}
    meanings = ((f"`{name}`", meaning) for name, meaning in READ_BY_LIBRARIES.items())
    return {
        **{section.__name__: table_of(section, required) for section in SECTIONS},
        LIBRARIES: markdown.table(("Variable", "Meaning"), meanings),
    }


def table_of(section: type[Section], required: Mapping[str, str]) -> str:
    """Return one section's table; ``required`` says when some of its variables are."""
    rows = (_row(field, required) for field in section.model_fields.values())
    return markdown.table(("Variable", "Meaning", "Default"), rows)


def write(page: Path = PAGE) -> None:
    """Write all tables; the rest of the page stays unchanged."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables().items():
        text = markdown.fill(text, name, table)
    page.write_text(text, encoding="utf-8")


def _row(field: FieldInfo, required: Mapping[str, str]) -> tuple[str, str, str]:
    name = str(field.alias)
    return f"`{name}`", field.description or "", required.get(name) or _default(field)


def _default(field: FieldInfo) -> str:
    """Return the default as one would write it, or what applies instead."""
    match field.default:
        case None | frozenset():
            return next(
                (each.applies for each in field.metadata if isinstance(each, Unset)), "none"
            )
        case Enum(value=value):
            return f"`{value}`"
        case bool(value):
            return f"`{int(value)}`"
        case float(value):
            return f"`{value:g}`"
        case tuple(values):
            return f"`{json.dumps(values)}`"
        case value:
            return f"`{value}`"


def _required(environment: Mapping[str, str]) -> dict[str, str]:
    """Return which variables this environment lacks, and when they are required.

    That is what the error says up to a semicolon, after which it gives the reason.
    """
    faults = []
    try:
        read_settings(environment)
    except ConfigurationError as error:
        faults = error.faults
    said = (fault.partition(": is ") for fault in faults)
    return {
        name: _NAME.sub(r"`\g<0>`", when.partition(";")[0])
        for name, _, when in said
        if when.startswith("required")
    }


if __name__ == "__main__":
    write()
