"""Propagate: every dependent gets the new value, and nothing else of its app is changed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from domain.rotation import AppSlot, Captured, Rotation, Shape
from domain.secrets import SecretValue
from services.faults import Unavailable
from services.rotation.issue import required
from services.rotation.locks import IsOver, Locks
from services.rotation.ports import AppSettings, SecretVersions, Settings
from services.rotation.references import read_reference
from services.rotation.restore import restore_value
from services.rotation.step import Outcome

Target = Callable[[Captured], SecretValue | None]


class Propagate:
    """The fourth step: read just before, change what is ours, write, read back.

    App Service has no ETag for settings, so one rotation at a time writes to an app.
    """

    def __init__(
        self, versions: SecretVersions, apps: AppSettings, locks: Locks, is_over: IsOver
    ) -> None:
        self._versions = versions
        self._apps = apps
        self._locks = locks
        self._is_over = is_over

    async def probe(self, rotation: Rotation) -> Outcome | None:  # noqa: ARG002 - each app is looked at before it is written
        return None

    async def perform(self, rotation: Rotation) -> Outcome:
        version = required(rotation.new_version)
        _, value = await self._versions.read(rotation.terms.vault_url, rotation.secret, version)
        await self._each_app(rotation, lambda one: wanted(one, version, value))
        return Outcome(rotation, _said(rotation, "updated"))

    async def undo(self, rotation: Rotation) -> Outcome:
        if not rotation.captured or rotation.new_version is None:
            return Outcome(rotation)
        # References without a version resolve to what is current, so that is put right first.
        rotation = await restore_value(self._versions, rotation)
        old = required(rotation.old_version)
        _, value = await self._versions.read(rotation.terms.vault_url, rotation.secret, old)
        await self._each_app(rotation, lambda one: as_captured(one, value))
        return Outcome(rotation, _said(rotation, "as before"))

    async def _each_app(self, rotation: Rotation, target: Target) -> None:
        by_app: dict[AppSlot, list[Captured]] = {}
        for one in rotation.captured:
            by_app.setdefault(one.dependent.app, []).append(one)
        results = await asyncio.gather(
            *(self._bring(rotation, app, each, target) for app, each in by_app.items()),
            return_exceptions=True,
        )
        # All of them are brought to their end before the first failure counts.
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _bring(
        self, rotation: Rotation, app: AppSlot, captured: list[Captured], target: Target
    ) -> None:
        changes = {one.dependent.setting: target(one) for one in captured}
        before = await self._apps.read(app)
        if merged(before, changes) == before:
            # An app that this rotation never came to may be another one's for long.
            await self._locks.release(app.id, rotation.id)
        else:
            async with self._alone(app, rotation.id):
                await self._change(app, changes)
        if any(one.shape is Shape.REFERENCE for one in captured):
            await self._apps.refresh(app)

    async def _change(self, app: AppSlot, changes: dict[str, SecretValue | None]) -> None:
        after = merged(await self._apps.read(app), changes)
        await self._apps.replace(app, after)
        if await self._apps.read(app) != after:
            raise Unavailable(str(app), "the settings do not read back as written")

    @asynccontextmanager
    async def _alone(self, app: AppSlot, rotation_id: str) -> AsyncIterator[None]:
        holder = await self._locks.acquire(app.id, rotation_id, self._is_over)
        if holder != rotation_id:
            raise Unavailable(str(app), f"its settings are being changed by {holder}")
        yield
        # Not in a finally: after a failure the settings are not yet what they should be, and the
        # lock stays with this rotation until it has made them so.
        await self._locks.release(app.id, rotation_id)


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


def merged(settings: Settings, changes: dict[str, SecretValue | None]) -> dict[str, SecretValue]:
    """Return all settings with these changed; None takes one away."""
    after = dict(settings)
    for name, value in changes.items():
        if value is None:
            after.pop(name, None)
        else:
            after[name] = value
    return after


def _said(rotation: Rotation, how: str) -> str:
    names = ", ".join(str(one.dependent) for one in rotation.captured)
    return f"{how}: {names}" if names else "no dependents"
