"""The current content of a card for its recipient; read-only."""

from domain.access import rights as access_rights
from domain.access.announcements import confirmed_key, copies, copy_key, recipient_of
from domain.access.request import Request
from domain.announcement import Announcement
from domain.people import Actor
from domain.refusals.records import NothingToSee
from services.people.sight import Sight
from services.workflow.announcing.outstanding import announcements_of
from services.workflow.codec import Head
from services.workflow.workflows import Snapshot, Workflows


class CurrentCards:
    """Finds the current content of messages, in one read."""

    def __init__(self, workflows: Workflows, sight: Sight) -> None:
        self._workflows = workflows
        self._sight = sight

    async def find(self, actor: Actor, workflow_id: str, key: str) -> tuple[Announcement, Head]:
        """Find a message's current content by key; raises NothingToSee for other people's."""
        snapshot = await self._workflows.snapshot(workflow_id)
        if snapshot is None:
            raise NothingToSee
        head = snapshot.stored.head
        if key in _copies_of(actor):
            await self._require_sight(actor, head)
            [copy] = copies([key], snapshot.events)
            return copy, head
        announcement = _found(snapshot, key)
        if announcement is None or recipient_of(announcement) != actor.object_id:
            raise NothingToSee
        return announcement, head

    async def _require_sight(self, actor: Actor, head: Head) -> None:
        """Raise unless this person can still see the request; permission may have been lost."""
        if not isinstance(head, Request):
            raise NothingToSee
        is_admin, groups = await self._sight.of(actor, head)
        access_rights.decide_sight(head, actor, is_admin=is_admin, memberships=groups).require()


def _copies_of(actor: Actor) -> tuple[str, ...]:
    person = actor.object_id
    copied = copy_key(person, decides=True), copy_key(person, decides=False)
    return (*copied, confirmed_key(person))


def _found(snapshot: Snapshot, key: str) -> Announcement | None:
    return next((each for each in announcements_of(snapshot) if each.key == key), None)
