"""Azure and Teams as seen by a process until it crashes; their contents survive."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from domain.access.assignment import Assignment
from domain.announcement import Announcement
from services.ports import AssignmentFacts
from services.workflow.announcing.message_sender import MessageSender
from services.workflow.codec import Head
from services.workflow.messages import MessageRef
from tests.support.azure_fakes import FakeAssignments
from tests.support.tables.crashing_table import Crash, Killed


class CrashingAssignments:
    """Wraps other assignments until the crash.

    The request that the process was about to send when it died may still be in flight: with
    ``lands_after`` it is carried out that much later.
    """

    def __init__(
        self, assignments: FakeAssignments, crash: Crash, lands_after: timedelta | None = None
    ) -> None:
        self._assignments = assignments
        self._crash = crash
        self._lands_after = lands_after

    async def create(self, assignment: Assignment, description: str) -> None:
        with self._on_its_way("create", assignment, description), self._crash.point():
            await self._assignments.create(assignment, description)

    async def read(self, assignment: Assignment) -> AssignmentFacts | None:
        self._crash.require_alive()
        return await self._assignments.read(assignment)

    async def standing(self, assignment: Assignment) -> AssignmentFacts | None:
        self._crash.require_alive()
        return await self._assignments.standing(assignment)

    async def delete(self, assignment: Assignment) -> bool:
        with self._on_its_way("delete", assignment), self._crash.point():
            return await self._assignments.delete(assignment)

    async def list_ours(self, scope: str) -> list[AssignmentFacts]:
        self._crash.require_alive()
        return await self._assignments.list_ours(scope)

    @contextmanager
    def _on_its_way(
        self, operation: str, assignment: Assignment, description: str = ""
    ) -> Iterator[None]:
        self._crash.require_alive()
        asked = len(self._assignments.calls)
        try:
            yield
        except Killed:
            if self._lands_after is not None and len(self._assignments.calls) == asked:
                self._assignments.land_later(operation, assignment, self._lands_after, description)
            raise


class CrashingMessageSender:
    """Wraps another courier until the crash."""

    def __init__(self, message_sender: MessageSender, crash: Crash) -> None:
        self._message_sender = message_sender
        self._crash = crash

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        with self._crash.point():
            return await self._message_sender.post(announcement, head, thread)

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        with self._crash.point():
            return await self._message_sender.update(ref, announcement, head)
