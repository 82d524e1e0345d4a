"""Erasing people's names."""

from composition.core import Core
from domain.erasure.erasure import Erasure
from services.access.sign_in.sign_in_rows import SignInRows
from services.audit.counts.day_figures import DayFigures
from services.erasure.erasing import Erasing
from services.erasure.erasures import ErasureMoves, Erasures
from services.people.addresses import ConversationAddresses
from services.workflow.plan_answers import PlanAnswers


def compose_erasure(core: Core, addresses: ConversationAddresses) -> Erasures:
    """Construct the service, and register its kind of workflow with the engine."""
    table = core.table
    erasing = Erasing(table, core.workflows, DayFigures(table), addresses, SignInRows(table))
    core.engine.register(Erasure, ErasureMoves(erasing, core.clock))
    return Erasures(
        core.workflows,
        core.engine,
        core.admins,
        PlanAnswers(table, core.clock),
        core.clock,
        core.advance_soon,
    )
