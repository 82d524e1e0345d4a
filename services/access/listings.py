"""What people can look at: a workflow by ID, their own requests, and their approvals."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.access import answers
from domain.access import rights as access_rights
from domain.access.extension import Extension
from domain.access.request import Request
from domain.access.transitions import break_glass, extensions
from domain.people import Actor
from domain.refusals.records import NothingToSee, PageGone
from domain.rotation.rotation import Rotation
from services.clock import Clock
from services.people.admins import Admins
from services.people.deciding_groups import DecidingGroups
from services.people.sight import Sight
from services.workflow.codec import Head
from services.workflow.lists.index import (
    Concern,
    Entry,
    Index,
    is_called_for,
    is_outdated,
    is_position,
)
from services.workflow.workflows import Stored, Workflows

MOST_COUNTED = 50
"""The most that is counted beyond what is shown; lists aren't read further."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page, oldest first, and how many more there are (MOST_COUNTED means that or more)."""

    requests: tuple[Request, ...]
    more: int = 0
    following: str = ""
    """Where the next page starts; empty on the last one."""


class Listings:
    """Lists for people; what they can't see is refused as if it didn't exist."""

    def __init__(
        self,
        workflows: Workflows,
        index: Index,
        admins: Admins,
        sight: Sight,
        groups: DecidingGroups,
        clock: Clock,
    ) -> None:
        self._workflows = workflows
        self._index = index
        self._admins = admins
        self._sight = sight
        self._groups = groups
        self._clock = clock

    async def find(self, actor: Actor, workflow_id: str) -> Request | Rotation:
        """Find a workflow that this person can see; raises NothingToSee for any other ID."""
        stored = await self._workflows.load(workflow_id)
        match stored.head if stored else None:
            case Request() as request:
                is_admin, groups = await self._sight.of(actor, request)
                access_rights.decide_sight(
                    request, actor, is_admin=is_admin, memberships=groups
                ).require()
                return request
            case Rotation() as rotation if await self._admins.includes(actor):
                return rotation
            case _:
                raise NothingToSee

    async def open_extension(self, actor: Actor, request_id: str) -> Extension | None:
        """Return the extension that waits for an answer, if this person can see the request."""
        try:
            found = await self.find(actor, request_id)
        except NothingToSee:
            return None
        return extensions.open_extension(found) if isinstance(found, Request) else None

    async def mine(self, actor: Actor, most: int, after: str = "") -> Listing:
        """List this person's active access and pending requests, from a page's start.

        Raises PageGone if ``after`` can't be the start of a page.
        """
        own = (actor.object_id,)
        return await self._listing(own, Concern.ASKED, most, after, lambda _: True)

    async def to_decide(self, actor: Actor, most: int, after: str = "") -> Listing:
        """List what is waiting for this person's decision or review, also as a group's member.

        Raises DirectoryUnavailable if the person's groups can't be checked, and PageGone if
        ``after`` can't be the start of a page.
        """
        groups = await self._groups.in_force(actor)
        return await self._listing(
            (actor.object_id, *sorted(groups)),
            Concern.DECIDES,
            most,
            after,
            lambda request: _is_for(request, actor, self._clock(), groups),
        )

    async def _listing(
        self,
        owners: Sequence[str],
        concern: Concern,
        most: int,
        after: str,
        is_shown: Callable[[Request], bool],
    ) -> Listing:
        """List what several lists contain: a person's own, and those of their groups."""
        if after and not is_position(after):
            raise PageGone
        shown: list[Request] = []
        seen: set[str] = set()
        more, last = 0, ""
        lists = [self._open(one, concern, after) for one in owners]
        async for entry, request in _oldest_first(lists):
            if request.id in seen or not is_shown(request):
                continue
            seen.add(request.id)
            if len(shown) < most:
                shown.append(request)
                last = entry.position
                continue
            more += 1
            if more == MOST_COUNTED:
                break
        return Listing(tuple(shown), more, last if more else "")

    async def _open(
        self, owner: str, concern: Concern, after: str
    ) -> AsyncIterator[tuple[Entry, Request]]:
        """Read the current state of the requests on the list of a person or group."""
        async for page in self._index.pages(owner, concern, after):
            found = await self._workflows.load_readable([entry.workflow_id for entry in page])
            heads = {
                entry: _request(found[entry.workflow_id])
                for entry in page
                if entry.workflow_id in found
            }
            now = self._clock()
            await self._index.remove(
                [entry for entry, head in heads.items() if is_outdated(entry, head, now)]
            )
            for entry, head in heads.items():
                if head and is_called_for(entry, head):
                    yield entry, head


def _request(stored: Stored[Head] | None) -> Request | None:
    return stored.head if stored and isinstance(stored.head, Request) else None


async def _oldest_first(
    lists: Sequence[AsyncIterator[tuple[Entry, Request]]],
) -> AsyncIterator[tuple[Entry, Request]]:
    """Merge lists that are ordered by position."""
    first = [(number, await anext(each, None)) for number, each in enumerate(lists)]
    waiting = {number: found for number, found in first if found}
    while waiting:
        number = min(waiting, key=lambda each: waiting[each][0].position)
        yield waiting.pop(number)
        if following := await anext(lists[number], None):
            waiting[number] = following


def _is_for(request: Request, actor: Actor, now: datetime, memberships: Collection[str]) -> bool:
    """Return whether this person can decide the request or its extension, or review it."""
    decisions = (
        answers.decide_approval(request, actor, memberships),
        extensions.decide_extension_approval(request, actor, now, memberships=memberships),
        break_glass.decide_review(request, actor, memberships),
    )
    return any(decision.allowed for decision in decisions)
