"""Azure and Teams as a process sees them until its crash; what they hold survives it."""

from domain.announcements import Announcement
from domain.assignment import Assignment
from services.announcing import Courier
from services.codec import Head
from services.messages import MessageRef
from services.ports import AssignmentFacts, Assignments
from tests.support.crashing_table import Crash


class CrashingAssignments:
    """Other assignments, until the crash."""

    def __init__(self, assignments: Assignments, crash: Crash) -> None:
        self._assignments = assignments
        self._crash = crash

    async def create(self, assignment: Assignment, description: str) -> None:
        with self._crash.point():
            await self._assignments.create(assignment, description)

    async def read(self, assignment: Assignment) -> AssignmentFacts | None:
        self._crash.require_alive()
        return await self._assignments.read(assignment)

    async def delete(self, assignment: Assignment) -> bool:
        with self._crash.point():
            return await self._assignments.delete(assignment)

    async def list_ours(self, scope: str) -> list[AssignmentFacts]:
        self._crash.require_alive()
        return await self._assignments.list_ours(scope)


class CrashingCourier:
    """Another courier, until the crash."""

    def __init__(self, courier: Courier, crash: Crash) -> None:
        self._courier = courier
        self._crash = crash

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        with self._crash.point():
            return await self._courier.post(announcement, head, thread)

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> None:
        with self._crash.point():
            await self._courier.update(ref, announcement, head)
