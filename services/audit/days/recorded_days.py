"""The checkpoints as their events recorded them."""

from dataclasses import dataclass

from domain.audit.checkpoint import Checkpoint
from domain.checkpoints.checkpoints import WORKFLOW_ID, checkpoint_of
from services.workflow import codec
from services.workflow.workflows import Workflows


@dataclass(frozen=True, slots=True)
class RecordedDays:
    """All checkpoints, oldest first; ``is_unbroken``: so is the chain of their events."""

    checkpoints: tuple[Checkpoint, ...]
    is_unbroken: bool


async def recorded_days(workflows: Workflows) -> RecordedDays:
    """Read all checkpoints; without those that can't be read any more."""
    trail = await workflows.trail(WORKFLOW_ID)
    if trail is None:
        return RecordedDays((), is_unbroken=True)
    checkpoints: list[Checkpoint] = []
    for stored in trail.events:
        try:
            checkpoints.append(checkpoint_of(codec.read_event(stored.text)))
        except ValueError:
            continue  # the chain says that it was changed
    return RecordedDays(tuple(checkpoints), trail.verify().is_unbroken)
