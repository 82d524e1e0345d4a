"""Propagate: give every dependent the new value, and change nothing else in its app."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation, Shape, Step, StepStatus
from domain.secrets import SecretValue
from services.clock import Clock
from services.faults import Rejected, Unavailable
from services.rotation.dependents.apps import each_app, require_insistence
from services.rotation.dependents.kind import AppGone, Dependents, Entries, Kinds, held_by, kind_of
from services.rotation.dependents.references import read_reference
from services.rotation.dependents.refresh import refresh, refresh_away
from services.rotation.dependents.shapes import as_captured
from services.rotation.dependents.targets import (
    IsOurs,
    Target,
    back,
    brought,
    by_kind,
    forward,
)
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import StepOutcome, notes
from services.rotation.steps.app_lock import AppLocks
from services.rotation.steps.issue import required
from services.rotation.steps.restore import read_old, restore_value
from services.rotation.versions.recreated import is_recreated

_UPDATED = Reason("settings_updated")
_PUT_BACK = Reason("settings_put_back")
_LEFT = Reason("settings_left")
_GONE = Reason("settings_gone")

Held = Mapping[str, Entries]
"""An app's entries, by kind."""

Fates = list[tuple[Reason, Captured]]
"""The outcomes for dependents."""

MayBeOutdated = Callable[[Captured, SecretValue | None], bool]
"""Says whether what a dependent is read to hold may be from before the rotation's change."""


class Propagate:
    """The fourth step: read, change the dependents, write, read back.

    App Service has no ETag for settings, so only one rotation at a time writes to an app. A setting
    that holds neither the captured value nor the one that this rotation wrote was changed by
    someone else: it stops the rotation, and stays as it is.
    """

    def __init__(
        self, versions: SecretVersions, kinds: Kinds, locks: AppLocks, clock: Clock
    ) -> None:
        self._versions = versions
        self._kinds = kinds
        self._locks = locks
        self._clock = clock

    async def probe(self, rotation: Rotation) -> StepOutcome | None:  # noqa: ARG002 - each app is read before it is written
        return None

    async def perform(self, rotation: Rotation) -> StepOutcome:
        version = required(rotation.new_version)
        target = forward(version, await self._old(rotation), await self._new(rotation))

        async def update(app: AppSlot, captured: list[Captured]) -> Fates:
            await self.bring(rotation, app, captured, target)
            await refresh(self._kinds, app, captured)
            return [(_UPDATED, one) for one in captured]

        return StepOutcome(rotation, _said(await each_app(rotation, update)))

    async def undo(self, rotation: Rotation) -> StepOutcome:
        if not rotation.captured or rotation.new_version is None:
            return StepOutcome(rotation)
        if await is_recreated(self._versions, rotation):
            return StepOutcome(replace(rotation, was_made_anew=True))
        was_applied = await self._was_applied(rotation)
        # References without a version resolve to the current version, so restore that first.
        rotation = await restore_value(self._versions, rotation)
        version, old = required(rotation.new_version), await self._old(rotation)
        new = await self._new_if_readable(rotation)
        target = back(version, old, new, await self._ours(rotation, new))

        def may_be_outdated(one: Captured, held: SecretValue | None) -> bool:
            return one.shape is not Shape.REFERENCE and held == as_captured(one, old)

        async def put_back(app: AppSlot, captured: list[Captured]) -> Fates:
            try:
                after = await self.bring(rotation, app, captured, target, may_be_outdated)
                now = [_as_held(rotation, one, after) for one in captured]
                await refresh_away(self._kinds, app, now, {version})
            except AppGone:
                require_insistence(rotation, app)
                return [(_GONE, one) for one in captured]
            return [(_fate(one, after, old), one) for one in captured]

        said = _said(await each_app(rotation, put_back))
        return StepOutcome(rotation, said if was_applied else None)

    async def _was_applied(self, rotation: Rotation) -> bool:
        """Say whether there is anything to undo: the step is done, or an app was sent a change.

        A reference without a version may have resolved to the new one since that was written.
        """
        done = any(
            one.step is Step.PROPAGATE and one.status is StepStatus.DONE for one in rotation.records
        )
        done = done or any(one.shape is Shape.REFERENCE for one in rotation.captured)
        apps = {one.dependent.app for one in rotation.captured}
        return done or any([await self._locks.has_changed(app, rotation.id) for app in apps])

    async def _old(self, rotation: Rotation) -> SecretValue:
        _, value = await read_old(self._versions, rotation)
        return value

    async def _new(self, rotation: Rotation) -> SecretValue:
        vault_url, new = rotation.terms.vault_url, required(rotation.new_version)
        _, value = await self._versions.read(vault_url, rotation.secret, new)
        return value

    async def _new_if_readable(self, rotation: Rotation) -> SecretValue | None:
        try:
            return await self._new(rotation)
        except Rejected:
            return None  # somebody has disabled it

    async def _ours(self, rotation: Rotation, new: SecretValue | None) -> IsOurs:
        """Return the function that tells this rotation's value from other people's."""
        if new is not None:
            return lambda held: held == new
        # People who set values by hand set the current one.
        _, current = await self._versions.current(rotation.terms.vault_url, rotation.secret)
        return lambda held: held != current

    async def bring(
        self,
        rotation: Rotation,
        app: AppSlot,
        captured: list[Captured],
        target: Target,
        may_be_outdated: MayBeOutdated | None = None,
    ) -> Held:
        """Bring an app's dependents to their target; return the app's entries, by kind.

        All kinds are read before any is changed. To take changes back, give ``may_be_outdated``: it
        says of what is read whether it may be from before a change that App Service accepted. That
        proves nothing, so it's sent. Raises NotYet while another rotation changes the app, or while
        a change by this one may still be carried out.
        """
        as_of = self._clock()
        of_kind = by_kind(captured)
        before = {name: await self._kind(ones).read(app) for name, ones in of_kind.items()}
        after: dict[str, Entries] = {
            name: brought(self._kind(ones), before[name], ones, target)
            for name, ones in of_kind.items()
        }
        outdated = await self._outdated(rotation, app, of_kind, before, may_be_outdated)
        to_change = [name for name in of_kind if after[name] != before[name] or name in outdated]
        takes_back = may_be_outdated is not None
        for name in to_change:
            # Only with the last kind is everything taken back that was accepted.
            is_all = takes_back and name == to_change[-1]
            after[name] = await self._change(
                rotation, app, of_kind[name], target, takes_back=is_all
            )
        # An app that this rotation never changed may stay locked by another one for a long time.
        await self._locks.give_back(app, rotation.id, as_of, takes_back=takes_back)
        return after

    async def _outdated(
        self,
        rotation: Rotation,
        app: AppSlot,
        of_kind: Mapping[str, list[Captured]],
        held: Held,
        may_be_outdated: MayBeOutdated | None,
    ) -> set[str]:
        """Return the kinds whose entries may be from before this rotation's change."""
        if may_be_outdated is None or not await self._locks.is_in_force(app, rotation.id):
            return set()
        return {
            name
            for name, ones in of_kind.items()
            if any(may_be_outdated(one, held_by(one.dependent.setting, held[name])) for one in ones)
        }

    async def _change(
        self,
        rotation: Rotation,
        app: AppSlot,
        captured: list[Captured],
        target: Target,
        *,
        takes_back: bool,
    ) -> Entries:
        """Change an app's entries of one kind."""
        kind = self._kind(captured)
        async with self._locks.alone(app, rotation.id, takes_back=takes_back) as changing:
            after = brought(kind, await kind.read(app), captured, target)
            await changing.send(kind, after)
            if await kind.read(app) != after:
                raise Unavailable(str(app), Reason("settings_not_read_back"), outcome_unknown=False)
            return after

    def _kind(self, captured: list[Captured]) -> Dependents:
        return kind_of(self._kinds, captured[0].dependent)


def _as_held(rotation: Rotation, captured: Captured, held: Held) -> Captured:
    """Return a dependent as a reference if somebody has turned it into one without a version."""
    entry = held_by(captured.dependent.setting, held[captured.dependent.kind])
    reference = read_reference(entry.reveal()) if entry else None
    terms = rotation.terms
    if reference is None or reference.version:
        return captured
    if not reference.is_to(terms.vault_name, terms.vault_url, rotation.secret):
        return captured
    return replace(captured, shape=Shape.REFERENCE, text=reference.text)


def _fate(captured: Captured, after: Held, old: SecretValue) -> Reason:
    held = held_by(captured.dependent.setting, after[captured.dependent.kind])
    return _PUT_BACK if held == as_captured(captured, old) else _LEFT


def _said(by_app: list[Fates]) -> Reason:
    """Group dependents by their outcome: ``updated: web API_KEY, worker API_KEY``."""
    by_code: dict[str, list[str]] = {}
    for fates in by_app:
        for fate, one in fates:
            by_code.setdefault(fate.code, []).append(str(one.dependent))
    parts = [Reason(code, {"dependents": tuple(names)}) for code, names in by_code.items()]
    return notes(parts) or Reason("no_dependents")
