"""The daily checkpoints: made by the worker, verified by admins, and exported."""

from dataclasses import dataclass

from composition.core import Core
from domain.checkpoints.checkpoints import Checkpoints
from services.audit.days.checkpoints import CheckpointMoves, Days
from services.audit.days.day_leaves import DayLeaves
from services.audit.days.exported_days import ExportedDays
from services.audit.days.sealed_records import SealedRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointServices:
    """What makes checkpoints, what verifies them, and what exports them."""

    moves: CheckpointMoves
    days: Days
    exported_days: ExportedDays


def compose_checkpoints(core: Core) -> CheckpointServices:
    """Construct them, and register the checkpoints with the engine."""
    leaves, sealed = (
        DayLeaves(core.table, core.workflows),
        SealedRecords(core.table, core.workflows),
    )
    moves = CheckpointMoves(core.workflows, core.engine, leaves, core.clock)
    core.engine.register(Checkpoints, moves)
    return CheckpointServices(
        moves=moves,
        days=Days(core.workflows, leaves, sealed, core.admins),
        exported_days=ExportedDays(core.workflows, leaves),
    )
