"""Convert dialog state to JSON and back, for an allowlist of classes only.

The SDK's own storages use jsonpickle, which creates any class that a document names: anyone who
could write to the table could run code in the process.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from botbuilder.dialogs import DialogInstance, DialogState, PromptOptions
from botbuilder.schema import Activity

from bot.transport.wire import to_bytes

_TYPE = "$type"


class NotStorable(TypeError):
    """Dialog state holds, or a document names, a class that is not on the allowlist."""


class _Class(NamedTuple):
    make: Callable[[dict[str, Any]], object]
    members: Callable[[Any], dict[str, Any]]


def _dialog_state(members: dict[str, Any]) -> DialogState:
    return DialogState(members["stack"])


def _dialog_instance(members: dict[str, Any]) -> DialogInstance:
    return DialogInstance(members["id"], members["state"])


def _prompt_options(members: dict[str, Any]) -> PromptOptions:
    return PromptOptions(**members)


def _activity(members: dict[str, Any]) -> Activity:
    return Activity().deserialize(members["wire"])


_CLASSES: dict[type, _Class] = {
    DialogState: _Class(_dialog_state, lambda state: {"stack": state.dialog_stack}),
    DialogInstance: _Class(_dialog_instance, vars),
    PromptOptions: _Class(_prompt_options, vars),
    Activity: _Class(_activity, lambda activity: {"wire": json.loads(to_bytes(activity))}),
}
_BY_NAME = {kind.__name__: listed for kind, listed in _CLASSES.items()}


def encode(value: object) -> Any:
    """Convert state to JSON values; raise `NotStorable` for anything not on the allowlist."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # the SDK's enums are strings; plain strings are enough
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {_escaped(name): encode(item) for name, item in value.items()}
    listed = _CLASSES.get(type(value))
    if listed is None:
        raise NotStorable(f"dialog state cannot hold a {type(value).__name__}")
    return {_TYPE: type(value).__name__, **encode(listed.members(value))}


def decode(value: Any) -> Any:
    """Convert JSON values back to state; raise `NotStorable` for a class not on the allowlist."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {_unescaped(name): decode(item) for name, item in value.items() if name != _TYPE}
    if _TYPE not in value:
        return members
    name = str(value[_TYPE])[:100]
    listed = _BY_NAME.get(name)
    if listed is None:
        raise NotStorable(f"a document names the class {name!r}")
    try:
        return listed.make(members)
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise NotStorable(f"a document holds an invalid {name}") from fault


def _escaped(name: object) -> str:
    """Keep user keys apart from ours: `$type` in form data must not name a class."""
    if not isinstance(name, str):
        raise NotStorable(f"dialog state cannot have a {type(name).__name__} as a key")
    return f"${name}" if name.startswith("$") else name


def _unescaped(name: str) -> str:
    return name.removeprefix("$")
