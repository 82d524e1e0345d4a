"""The daily checkpoints: made by the worker, verified by admins."""

from dataclasses import dataclass

from composition.core import Core
from domain.checkpoints.checkpoints import Checkpoints
from services.audit.checkpoints import CheckpointMoves, Days
from services.audit.day_leaves import DayLeaves


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointServices:
    """What makes checkpoints, and what verifies them."""

    moves: CheckpointMoves
    days: Days


def compose_checkpoints(core: Core) -> CheckpointServices:
    """Construct both, and register the checkpoints with the engine."""
    leaves = DayLeaves(core.table, core.workflows)
    moves = CheckpointMoves(core.workflows, core.engine, leaves, core.clock)
    core.engine.register(Checkpoints, moves)
    return CheckpointServices(moves=moves, days=Days(core.workflows, leaves, core.admins))
