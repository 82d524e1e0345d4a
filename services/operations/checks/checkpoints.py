"""Check whether the days that are over have their checkpoints."""

from collections.abc import Iterator
from datetime import timedelta

from domain.audit.checkpoint import FIRST
from domain.checkpoints.checkpoints import MARGIN, WORKFLOW_ID, Checkpoints, end_of
from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import phrase
from services.clock import Clock
from services.operations.checks.check import REACH_TABLES, Check
from services.workflow.workflows import Workflows

_LATE = timedelta(hours=1)
"""A checkpoint that can't be made is tried again every five minutes."""

_DAYS = phrase("Daily checkpoints")
_FIND_OUT = phrase(
    "Look for the lines of {workflow} in the log. Until that checkpoint is made, nothing shows "
    "whether a request or rotation of that day was removed.",
    workflow=WORKFLOW_ID,
)


def checkpoint_checks(workflows: Workflows, clock: Clock) -> Iterator[Check]:
    """Check the chain of days."""

    async def look() -> Finding:
        found = await workflows.load_as(Checkpoints, WORKFLOW_ID)
        if found is None:
            seen = phrase("not begun yet")
            return doubtful(_DAYS, seen, phrase("Wait a minute, then check the log."))
        next_day, is_first = found.head.next_day, found.head.last_hash == FIRST
        due = end_of(next_day) + MARGIN
        if clock() - due > _LATE:
            seen = phrase(
                "the one for {day} has been due since {due}",
                day=next_day.isoformat(),
                due=due,
            )
            return broken(_DAYS, seen, _FIND_OUT)
        if is_first:
            seen = phrase("the first one comes on {due}", due=due)
            return good(_DAYS, seen)
        last = next_day - timedelta(days=1)
        return good(_DAYS, phrase("the last one is for {day}", day=last.isoformat()))

    yield Check(_DAYS, look, REACH_TABLES)
