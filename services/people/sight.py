"""What the sight of a request depends on, asked of the directory only if it's needed."""

from domain.access.request import Request
from domain.access.rights import decide_sight
from domain.people import NO_GROUPS, Actor
from services.people.admins import Admins
from services.people.deciding_groups import DecidingGroups


class Sight:
    """Checks whether someone is an admin, or in a group that decides.

    Raises DirectoryUnavailable, but not about people who see the request in any case: they can
    still end access in an outage.
    """

    def __init__(self, admins: Admins, groups: DecidingGroups) -> None:
        self._admins = admins
        self._groups = groups

    async def of(self, actor: Actor, request: Request) -> tuple[bool, frozenset[str]]:
        """Return whether a person is an admin, and which of the deciding groups they are in."""
        if decide_sight(request, actor, is_admin=False).allowed:
            return False, NO_GROUPS
        if await self._admins.includes(actor):
            return True, NO_GROUPS
        return False, await self._groups.of(actor, request)
