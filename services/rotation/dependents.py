"""What dependents hold before, during and after a rotation, app by app."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation, Shape
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.ports import Settings
from services.rotation.references import read_reference
from services.rotation.setting_names import held_by, spelling_of
from services.rotation.step import Drift

_BY_VALUE = frozenset({Shape.LITERAL, Shape.ABSENT})

ResultT = TypeVar("ResultT")

Target = Callable[[Captured, SecretValue | None], SecretValue | None]
"""Says what a setting that holds this now is to hold; None for no setting."""

IsOurs = Callable[[SecretValue], bool]
"""Says whether a value is the one that the rotation wrote."""


async def each_app(
    rotation: Rotation, do: Callable[[AppSlot, list[Captured]], Awaitable[ResultT]]
) -> list[ResultT]:
    """Do something at each app with its dependents, at all of them at once.

    All of them are brought to their end before the first failure counts.
    """
    by_app: dict[AppSlot, list[Captured]] = {}
    for one in rotation.captured:
        by_app.setdefault(one.dependent.app, []).append(one)
    results = await asyncio.gather(
        *(do(app, captured) for app, captured in by_app.items()), return_exceptions=True
    )
    done: list[ResultT] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done


def wanted(captured: Captured, version: str, value: SecretValue) -> SecretValue | None:
    """Return what a dependent's setting is to hold after the rotation."""
    match captured.shape:
        case Shape.LITERAL | Shape.ABSENT:
            return value
        case Shape.REFERENCE:
            return SecretValue(captured.text)
        case Shape.PINNED:
            reference = read_reference(captured.text)
            return SecretValue(reference.at(version) if reference else captured.text)


def as_captured(captured: Captured, value: SecretValue) -> SecretValue | None:
    """Return what a dependent's setting held before the rotation; None for nothing."""
    match captured.shape:
        case Shape.LITERAL:
            return value
        case Shape.ABSENT:
            return None
        case Shape.REFERENCE | Shape.PINNED:
            return SecretValue(captured.text)


def forward(version: str, old: SecretValue, new: SecretValue) -> Target:
    """Return what brings settings to the new version.

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
    """Return what puts settings back as they were captured, and leaves what somebody else set."""

    def target(captured: Captured, held: SecretValue | None) -> SecretValue | None:
        if held is None:
            return None
        if captured.shape in _BY_VALUE:
            is_written = is_ours(held)
        else:
            is_written = held == wanted(captured, version, old)
        return as_captured(captured, old) if is_written else held

    return target


def require_insistence(rotation: Rotation, app: AppSlot) -> None:
    """Have a human say what an app's end means: it may have been moved, with the new value."""
    if not rotation.is_insisted_on:
        raise Rejected(str(app), Reason("app_gone"))


def brought(settings: Settings, captured: list[Captured], target: Target) -> dict[str, SecretValue]:
    """Return all settings of an app, with its dependents brought to where they are to be.

    Each name keeps the spelling that it has in the app now.
    """
    after = dict(settings)
    for one in captured:
        name = spelling_of(one.dependent.setting, settings) or one.dependent.setting
        value = target(one, held_by(name, settings))
        if value is None:
            after.pop(name, None)
        else:
            after[name] = value
    return after
