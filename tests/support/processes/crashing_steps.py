"""What people do one after the other, and a process that dies meanwhile."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from services.workflow.due.agenda import CLAIM
from tests.support.clock import ManualClock
from tests.support.tables.crashing_table import Killed

ReplicaT = TypeVar("ReplicaT")


async def take(
    steps: Iterable[Callable[[ReplicaT], Awaitable[object]]],
    replica: ReplicaT,
    another: Callable[[], ReplicaT],
    clock: ManualClock,
) -> ReplicaT:
    """Take steps; when the replica dies, another one repeats the step, and takes the rest.

    It begins when the claim of the dead one has run out. Returns the one that is left.
    """
    for step in steps:
        try:
            await step(replica)
        except Killed:
            clock.advance(CLAIM)
            replica = another()
            await step(replica)
    return replica
