"""Who can rotate secrets and administer the bot."""

import logging
from collections.abc import Sequence

from domain.people import Actor, Person
from domain.refusals import AccountGone, DirectoryUnavailable, NotAnAdmin
from services.faults import Unavailable
from services.people.directory import Directory

log = logging.getLogger(__name__)


class Admins:
    """The configured admins: emails or Entra object IDs."""

    def __init__(self, directory: Directory, configured: Sequence[str]) -> None:
        self._directory = directory
        self._configured = configured

    async def all(self) -> tuple[Person, ...]:
        """Return the admins who can be found."""
        return await self._directory.find_all(self._configured)

    async def to_notify(self) -> tuple[Person, ...]:
        """Return the admins who can be found; an emergency doesn't wait for the directory."""
        try:
            return await self.all()
        except Unavailable as fault:
            log.warning("can't notify the admins: %s", fault)
            return ()

    async def includes(self, actor: Actor) -> bool:
        """Return whether this person is an admin; raises DirectoryUnavailable if unknown."""
        if actor.object_id in {one.lower() for one in self._configured}:
            return True
        try:
            return actor.object_id in {person.object_id for person in await self.all()}
        except Unavailable as fault:
            raise DirectoryUnavailable from fault

    async def require(self, actor: Actor) -> None:
        """Raise NotAnAdmin unless this person is one."""
        if not await self.includes(actor):
            raise NotAnAdmin

    async def require_yes_of(self, actor: Actor) -> None:
        """Raise unless this person is an admin today whose account the directory still knows.

        The directory is asked again, as for an approver, because an approval depends on it.
        """
        await self.require(actor)
        if await self._directory.is_gone(actor.object_id):
            raise AccountGone
