"""Rotations: how an abandoned rotation was left."""

from collections.abc import Mapping

from cards.reasons.filling import Filled, Text
from domain.phrases import mark

_CURRENT = {
    "old": mark("Version {version} is current: the one from before this rotation."),
    "new": mark("Version {version} is current: the new one, written by this rotation."),
    "restored": mark("Version {version} is current: the old value, written back by this rotation."),
}
_UNKNOWN_CURRENT = mark("Version {version} is current: one this rotation has no record of.")


def _current(left: Filled) -> str:
    return left.fill(_CURRENT.get(left.text("which"), _UNKNOWN_CURRENT))


REMAINS: Mapping[str, Text] = {
    "current_version_unknown": mark("Couldn't read which version is current: {parts}."),
    "current_version": _current,
    "settings_unknown": mark("The values of these settings are unknown: {dependents:commas}."),
    "settings_unchanged": mark("No app setting was changed: {dependents:commas}."),
    "settings_not_put_back": mark(
        "These settings were changed to the new value and not restored: {dependents:commas}."
    ),
    "settings_last_seen": mark("The settings were last seen like this: {parts}."),
    "old_version_enabled": mark(
        "The old version {version} may still be enabled, and its value may still be valid."
    ),
    "left": "{parts}",
    "issued_valid": mark("The issued credential may still be valid: {credential}."),
}
