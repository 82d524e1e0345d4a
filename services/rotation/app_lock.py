"""One writer for the settings of an App Service, also while a change without answer may still land.

Settings have no ETag, and a change replaces all of them. One that got no answer may be carried out
later, over what was written since (``domain.unknown_outcome``). So the lock says before a change is
sent until when it may be carried out, and is given back earlier only where the change was answered:
a process that dies in between has said so already.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot
from domain.unknown_outcome import APP_SERVICE_LIFE
from services.clock import Clock
from services.faults import Fault
from services.rotation.dependents.kind import Dependents, Entries
from services.rotation.locks import IsOver, Lock, Locks
from services.rotation.step import NotYet
from services.workflow.engine import MOVE_TIMEOUT

_LONGEST_CHANGE = MOVE_TIMEOUT + APP_SERVICE_LIFE
"""From the note that a change begins to the end of its life: the move is cut off in between."""

_PATIENCE = 3 * _LONGEST_CHANGE
"""How long another change is waited for: it may be sent anew, and be without an answer again."""


class AppLocks:
    """The locks of apps. A rotation that wants an app which another one changes waits: NotYet."""

    def __init__(self, locks: Locks, is_over: IsOver, clock: Clock) -> None:
        """Take the store, and what says whether a rotation needs its locks no more."""
        self._locks = locks
        self._is_over = is_over
        self._clock = clock

    @asynccontextmanager
    async def alone(self, app: AppSlot, rotation_id: str) -> AsyncIterator["Changing"]:
        """Hold an app for one change of its settings; raises NotYet while it is another one's.

        After a failure the settings are not yet what they should be, and the lock stays with this
        rotation until it has made them so.
        """
        now = self._clock()
        before = await self._locks.begin_change(
            app.id, rotation_id, self._is_over, now + _LONGEST_CHANGE, now
        )
        if before.holder != rotation_id:
            left = before.changing_until - now if before.changing_until else None
            other = before.holder or "another rotation"
            why = Reason("settings_being_changed", {"by": other})
            raise NotYet(str(app), why, _PATIENCE, left)
        changing = Changing(app, before)
        try:
            yield changing
        except Fault:
            if not changing.may_land:
                await self._locks.end_change(app.id, changing.after)
            raise
        await self._locks.end_change(app.id, changing.after)

    async def give_back(self, app: AppSlot, rotation_id: str, as_of: datetime) -> None:
        """Let others have an app whose settings were right then; raises NotYet if they may change.

        A change of this rotation's that got no answer may still be carried out. Once its life has
        passed, the settings have to be read again: whoever is told to wait comes back and does.
        """
        lock = await self._locks.look(app.id)
        if lock.holder != rotation_id:
            return
        if lock.changing_until and lock.is_changing(as_of):
            raise NotYet(
                str(app),
                Reason("settings_change_unanswered"),
                _PATIENCE,
                lock.changing_until - as_of,
            )
        await self._locks.release(app.id, rotation_id)

    async def has_changed(self, app: AppSlot, rotation_id: str) -> bool:
        """Say whether a rotation has sent this app a change that was not refused."""
        return (await self._locks.look(app.id)).changed_by == rotation_id


class Changing:
    """One change of an app's settings: what is known of it so far."""

    def __init__(self, app: AppSlot, before: Lock) -> None:
        self._app = app
        self._before = before
        self._was_answered = False
        self.may_land = False
        """Whether it was sent, and may be carried out after all."""

    @property
    def after(self) -> Lock:
        """Return the lock as it is once this change is over, which leaves earlier ones."""
        if self._was_answered:
            return replace(self._before, changed_by=self._before.holder)
        return self._before

    async def send(self, kind: Dependents, entries: Entries) -> None:
        """Replace all that the app has of a kind, once."""
        self.may_land = True
        try:
            await kind.replace(self._app, entries)
        except Fault as fault:
            self.may_land = fault.outcome_unknown
            raise
        self.may_land, self._was_answered = False, True
