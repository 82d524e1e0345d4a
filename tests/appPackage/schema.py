"""The part of JSON Schema that the manifest's rules need: what is wrong with a value, and where."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Rule = Mapping[str, Any]

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


def problems(value: object, rule: Rule, path: str = "manifest") -> Iterator[str]:
    """Yield each place that breaks the rule; an object may only have the listed properties."""
    if not isinstance(value, _TYPES[rule["type"]]):
        yield f"{path} isn't of type {rule['type']}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield f"{path} is {value!r}, which is none of {rule['enum']}"
    if isinstance(value, str):
        yield from _in_text(value, rule, path)
    elif isinstance(value, list):
        yield from _in_list(value, rule, path)
    elif isinstance(value, dict):
        yield from _in_object(value, rule, path)


def _in_text(value: str, rule: Rule, path: str) -> Iterator[str]:
    if len(value) > rule["maxLength"]:
        yield f"{path} has {len(value)} characters, more than {rule['maxLength']}"
    if not re.search(rule.get("pattern", "."), value):
        yield f"{path} is {value!r}, which doesn't match {rule.get('pattern', '.')}"


def _in_list(value: list[object], rule: Rule, path: str) -> Iterator[str]:
    if len(value) > rule["maxItems"]:
        yield f"{path} has {len(value)} items, more than {rule['maxItems']}"
    for number, item in enumerate(value):
        yield from problems(item, rule["items"], f"{path}[{number}]")


def _in_object(value: dict[str, object], rule: Rule, path: str) -> Iterator[str]:
    known = rule["properties"]
    for name in rule["required"]:
        if name not in value:
            yield f"{path} has no {name}"
    for name, item in value.items():
        if name in known:
            yield from problems(item, known[name], f"{path}.{name}")
        else:
            yield f"{path} has {name}, which isn't in the schema"
