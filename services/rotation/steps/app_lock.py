"""One writer for an App Service's settings, even while an unanswered change may still land.

Settings have no ETag, and a change replaces all of them. An unanswered change may be carried out
later and overwrite newer settings (``domain.unknown_outcome``). So before a change is sent, the
lock records until when it may be carried out. It's released earlier only if the change was
answered. If the process dies in between, the record is already there.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
"""The time from recording a change, through the move's timeout, to the end of its life."""

_PATIENCE = 3 * _LONGEST_CHANGE
"""How long to wait for another change: it may be sent again, and get no answer again."""


class AppLocks:
    """The locks of apps. A rotation waits (NotYet) while another one changes its app."""

    def __init__(self, locks: Locks, is_over: IsOver, clock: Clock) -> None:
        """Take the store; ``is_over`` says whether a rotation no longer needs its locks."""
        self._locks = locks
        self._is_over = is_over
        self._clock = clock

    @asynccontextmanager
    async def alone(
        self, app: AppSlot, rotation_id: str, *, takes_back: bool = False
    ) -> AsyncIterator["Changing"]:
        """Lock an app for one change of its settings; raises NotYet while another has the lock.

        ``takes_back`` says that the change reverses what this rotation has changed. After a failure
        the settings aren't right yet, so the rotation keeps the lock until it has corrected them.
        """
        now = self._clock()
        before = await self._locks.begin_change(
            app.id, rotation_id, self._is_over, now + _LONGEST_CHANGE, now
        )
        if before.holder != rotation_id:
            other = before.holder or "another rotation"
            why = Reason("settings_being_changed", {"by": other})
            raise NotYet(str(app), why, _PATIENCE)
        changing = Changing(app, before, takes_back=takes_back)
        try:
            yield changing
        except Fault:
            if not changing.may_land:
                await self._locks.end_change(app.id, changing.after)
            raise
        after = changing.after
        await self._locks.end_change(
            app.id, after.taken_back_by(rotation_id) if takes_back else after
        )

    async def give_back(
        self, app: AppSlot, rotation_id: str, as_of: datetime, *, takes_back: bool = False
    ) -> None:
        """Release an app whose settings were right at ``as_of``.

        Raises NotYet while an unanswered change by this rotation may still be carried out. After
        that the settings have to be read again, which the caller does when it retries. If they hold
        the new value then, and not what it ``takes_back``, the change was accepted.
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
        is_unanswered = lock.changing_until is not None
        await self._locks.release(
            app.id, rotation_id, was_accepted=is_unanswered and not takes_back
        )

    async def has_changed(self, app: AppSlot, rotation_id: str) -> bool:
        """Say whether a rotation has sent this app a change that wasn't refused."""
        return rotation_id in (await self._locks.look(app.id)).changed_by

    async def is_in_force(self, app: AppSlot, rotation_id: str) -> bool:
        """Say whether App Service accepted a change by a rotation that it hasn't taken back."""
        return rotation_id in (await self._locks.look(app.id)).accepted_by


class Changing:
    """One change of an app's settings, and what is known of it so far."""

    def __init__(self, app: AppSlot, before: Lock, *, takes_back: bool) -> None:
        self._app = app
        self._before = before
        self._takes_back = takes_back
        self._was_answered = False
        self.may_land = False
        """Whether it was sent and may still be carried out."""

    @property
    def after(self) -> Lock:
        """Return the lock's state once this change is over; earlier changes stay in it."""
        if not self._was_answered:
            return self._before
        if self._takes_back:
            return self._before.with_change_by(self._before.holder)
        return self._before.with_accepted_change_by(self._before.holder)

    async def send(self, kind: Dependents, entries: Entries) -> None:
        """Replace all of the app's entries of a kind; the request is sent once."""
        self.may_land = True
        try:
            await kind.replace(self._app, entries)
        except Fault as fault:
            self.may_land = fault.outcome_unknown
            raise
        self.may_land, self._was_answered = False, True
