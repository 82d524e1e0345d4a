"""The checkpoints that were taken, read from the events that recorded them."""

from datetime import date

from domain.audit.checkpoint import Checkpoint
from domain.checkpoints.checkpoints import WORKFLOW_ID, checkpoint_of
from services.workflow import codec
from services.workflow.workflows import Workflows


async def checkpoints_until(workflows: Workflows, day: date) -> tuple[list[Checkpoint], bool]:
    """Read the checkpoints up to a day, and whether their own chain of events is unbroken."""
    trail = await workflows.trail(WORKFLOW_ID)
    if trail is None:
        return [], True
    checkpoints: list[Checkpoint] = []
    for stored in trail.events:
        try:
            checkpoint = checkpoint_of(codec.read_event(stored.text))
        except ValueError:
            continue  # the chain says that it was changed
        if checkpoint.day <= day:
            checkpoints.append(checkpoint)
    return checkpoints, trail.verify().is_unbroken
