"""Read a seed from a file."""

import json
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from sandbox.seed import Seed, SeedError, default_seed


def load_seed(path: Path) -> Seed:
    """Read a seed from JSON with the field names of the dataclasses in `sandbox.seed`.

    Omitted keys get their defaults; at the top level, those of the default seed. Raises SeedError
    for an invalid file.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SeedError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise SeedError(f"{path}: expected an object")
    default = default_seed()
    given = {name: getattr(default, name) for name in (one.name for one in fields(Seed))}
    for key, value in document.items():
        if key not in given:
            raise SeedError(f"{key}: no such key")
        given[key] = _decode(get_type_hints(Seed)[key], value, key)
    return Seed(**given)


_Decoded = TypeVar("_Decoded")


def _decode(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        return _decode_dataclass(kind, value, where)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise SeedError(f"{where}: expected a list")
        (item, _) = get_args(kind)
        return tuple(_decode(item, one, f"{where}[{index}]") for index, one in enumerate(value))
    if get_origin(kind) is dict:
        return _checked(dict, value, where)
    if kind is float or kind == (float | None):
        return None if value is None and kind is not float else _checked((int, float), value, where)
    return _checked(kind, value, where)


def _decode_dataclass(kind: type[_Decoded], value: Any, where: str) -> _Decoded:
    given = _checked(dict, value, where)
    known = {one.name: one for one in fields(cast(Any, kind))}
    hints = get_type_hints(kind)
    for key in given:
        if key not in known:
            raise SeedError(f"{where}.{key}: no such key")
    for name, one in known.items():
        if name not in given and one.default is MISSING and one.default_factory is MISSING:
            raise SeedError(f"{where}.{name}: missing")
    return kind(**{key: _decode(hints[key], one, f"{where}.{key}") for key, one in given.items()})


def _checked(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, kind):
        raise SeedError(f"{where}: {value!r} is not of the expected type")
    return value
