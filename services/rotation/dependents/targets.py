"""What a rotation brings the dependents of an app to, forwards and back."""

from collections.abc import Callable, Mapping, Sequence

from domain.reasons import Reason
from domain.rotation.rotation import Captured
from domain.secrets import SecretValue
from services.rotation.dependents.kind import DependentEntry, Dependents, Entries, held_by
from services.rotation.dependents.names import spelling_of
from services.rotation.dependents.shapes import BY_VALUE, as_captured, wanted
from services.rotation.step import Drift

Target = Callable[[Captured, SecretValue | None], SecretValue | None]
"""Says what a dependent that holds this now is to hold; None for nothing."""

IsOurs = Callable[[SecretValue], bool]
"""Says whether a value is the one that the rotation wrote."""


def forward(version: str, old: SecretValue, new: SecretValue) -> Target:
    """Return what brings dependents to the new version.

    It raises Drift at one that holds neither what was captured nor what an earlier try wrote.
    """

    def target(captured: Captured, held: SecretValue | None) -> SecretValue | None:
        after = wanted(captured, version, new)
        if held not in (as_captured(captured, old), after):
            name = str(captured.dependent)
            raise Drift(name, Reason("setting_changed_by_others"))
        return after

    return target


def back(version: str, old: SecretValue, is_ours: IsOurs) -> Target:
    """Return what puts dependents back as they were captured, and leaves what somebody else set."""

    def target(captured: Captured, held: SecretValue | None) -> SecretValue | None:
        if held is None:
            return None
        if captured.shape in BY_VALUE:
            is_written = is_ours(held)
        else:
            is_written = held == wanted(captured, version, old)
        return as_captured(captured, old) if is_written else held

    return target


def brought(
    kind: Dependents, entries: Entries, captured: Sequence[Captured], target: Target
) -> dict[str, DependentEntry]:
    """Return all that an app has of a kind, with its dependents brought to where they are to be.

    Each name keeps the spelling that it has in the app now, and all else that comes with it.
    """
    after = dict(entries)
    for one in captured:
        name = spelling_of(one.dependent.setting, entries) or one.dependent.setting
        value = target(one, held_by(name, entries))
        if value is None:
            after.pop(name, None)
        elif name in entries:
            after[name] = DependentEntry(value, entries[name].type)
        else:
            after[name] = kind.made(one.dependent, value)
    return after


def by_kind(captured: Sequence[Captured]) -> Mapping[str, list[Captured]]:
    """Group dependents by the names of their kinds."""
    found: dict[str, list[Captured]] = {}
    for one in captured:
        found.setdefault(one.dependent.kind, []).append(one)
    return found
