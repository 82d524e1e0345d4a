"""What the dependents of an app should hold, after a rotation and after rolling it back."""

from collections.abc import Callable, Mapping, Sequence

from domain.reasons import Reason
from domain.rotation.rotation import Captured
from domain.secrets import SecretValue
from services.rotation.dependents.kind import DependentEntry, Dependents, Entries, held_by
from services.rotation.dependents.names import spelling_of
from services.rotation.dependents.references import read_reference
from services.rotation.dependents.shapes import BY_VALUE, as_captured, wanted
from services.rotation.step import Drift

Target = Callable[[Captured, SecretValue | None], SecretValue | None]
"""Says what a dependent should hold, given what it holds now; None for nothing."""

IsOurs = Callable[[SecretValue], bool]
"""Says whether the rotation wrote a value."""


def forward(version: str, old: SecretValue, new: SecretValue) -> Target:
    """Return the target that brings dependents to the new version.

    It raises Drift at a dependent that holds neither the captured value nor an earlier try's.
    """

    def target(captured: Captured, held: SecretValue | None) -> SecretValue | None:
        after = wanted(captured, version, new)
        if held not in (as_captured(captured, old), after):
            name = str(captured.dependent)
            raise Drift(name, Reason("setting_changed_by_others"))
        return after

    return target


def back(version: str, old: SecretValue, new: SecretValue | None, is_ours: IsOurs) -> Target:
    """Return the target that restores dependents as captured, but keeps what others have set.

    Whoever has set it, nothing keeps the new value or a reference to its version, which is about to
    be disabled. ``new`` is None if it can't be read.
    """

    def target(captured: Captured, held: SecretValue | None) -> SecretValue | None:
        if held is None:
            return None
        if held == new or _is_pinned_to(version, held):
            is_written = True
        elif captured.shape in BY_VALUE:
            is_written = is_ours(held)
        else:
            is_written = held == wanted(captured, version, old)
        return as_captured(captured, old) if is_written else held

    return target


def _is_pinned_to(version: str, held: SecretValue) -> bool:
    reference = read_reference(held.reveal())
    return reference is not None and reference.version.lower() == version.lower()


def brought(
    kind: Dependents, entries: Entries, captured: Sequence[Captured], target: Target
) -> dict[str, DependentEntry]:
    """Return all entries of a kind in an app, with the target applied to its dependents.

    Each name keeps the app's present spelling, and each entry everything but its value.
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
