"""Drills: the canary that they use, what begins them, and what carries them out."""

from composition.access import AccessServices
from composition.core import Core
from config import Settings
from domain.drill.drill import Drill
from domain.drill.drills import Drills
from services.drill.canary import Canary
from services.drill.drills import DrillPlans
from services.drill.moves import DrillMoves
from services.workflow.plan_answers import PlanAnswers


def canary_of(settings: Settings) -> Canary | None:
    """Return the configured canary; None where drills aren't configured."""
    if settings.drill_secret is None or settings.drill_principal_id is None:
        return None
    return Canary(settings.drill_secret, settings.drill_principal_id)


def compose_drills(
    core: Core, access: AccessServices, canary: Canary | None, cron: str
) -> DrillPlans:
    """Construct what begins drills, and register both kinds of workflow with the engine.

    ``cron`` says when they are due; it is empty if they begin on command only.
    """
    plans = DrillPlans(
        core.workflows,
        core.engine,
        core.policies,
        core.admins,
        PlanAnswers(core.table, core.clock),
        core.clock,
        core.advance_soon,
        canary,
        cron,
    )
    # Always registered: the table may hold drills of an earlier configuration.
    core.engine.register(Drills, plans)
    core.engine.register(Drill, DrillMoves(access.drill_moves, core.clock))
    return plans
