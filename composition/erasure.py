"""Erasing people's names."""

from composition.core import Core
from domain.erasure.erasure import Erasure
from services.access.sign_in_rows import SignInRows
from services.audit.day_figures import DayFigures
from services.erasure.erasing import Erasing
from services.erasure.erasures import ErasureMoves, Erasures
from services.people.addresses import ConversationAddresses


def compose_erasure(core: Core, addresses: ConversationAddresses) -> Erasures:
    """Construct the service, and register its kind of workflow with the engine."""
    table = core.table
    erasing = Erasing(table, core.workflows, DayFigures(table), addresses, SignInRows(table))
    core.engine.register(Erasure, ErasureMoves(erasing, core.clock))
    return Erasures(core.workflows, core.engine, core.admins, core.clock, core.advance_soon)
