"""Who can rotate secrets and administer the bot."""

import logging
from collections.abc import Callable, Sequence

from domain.people import Actor, Person, Principals
from domain.refusals.decisions import AccountGone
from domain.refusals.people import NotAnAdmin
from services.faults import Unavailable
from services.people.directory import Directory
from services.people.principals import NamedPrincipals
from services.unanswered import about_people

log = logging.getLogger(__name__)


class Admins:
    """The configured admins: emails, Entra object IDs, or groups whose members are admins.

    ``most``: how many members of each group get messages for admins.
    """

    def __init__(
        self,
        directory: Directory,
        principals: NamedPrincipals,
        configured: Sequence[str],
        most: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._principals = principals
        self._configured = configured
        self._most = most

    async def all(self, besides: str = "") -> tuple[Person, ...]:
        """Return the admins who can be found and get messages; raises Unavailable.

        ``besides``: the object ID of someone who isn't to be among them.
        """
        named, most = await self.named(), self._most()
        found = list(named.people)
        for group in named.groups:
            members = await self._principals.members([group], most + 1)
            found += [one for one in members if one.object_id != besides][:most]
        others = {one.object_id: one for one in found if one.object_id != besides}
        return tuple(others.values())

    async def named(self) -> Principals:
        """Return the people and groups who are admins; raises Unavailable."""
        return await self._principals.find(self._configured)

    async def to_notify(self) -> tuple[Person, ...]:
        """Return the admins who can be found; an emergency doesn't wait for the directory."""
        try:
            return await self.all()
        except Unavailable as fault:
            log.warning("can't notify the admins: %s", fault)
            return ()

    async def includes(self, actor: Actor) -> bool:
        """Return whether this person is an admin; raises DirectoryUnavailable if unknown.

        It raises Unavailable if something other than the directory doesn't answer.
        """
        if actor.object_id in {one.lower() for one in self._configured}:
            return True
        try:
            named, groups = await self._principals.check(self._configured, actor.object_id)
        except Unavailable as fault:
            raise about_people(fault) from fault
        return named.include(actor.object_id, groups)

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
