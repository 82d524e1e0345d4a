"""The counters of days: kept up by the worker, read for reports."""

from dataclasses import dataclass

from composition.core import Core
from domain.counters.counters import Counters
from services.audit.counts.counted_parts import CountedParts
from services.audit.counts.counters import CounterMoves
from services.audit.counts.counting import Counting
from services.audit.counts.day_figures import DayFigures
from services.audit.counts.day_members import DayMembers
from services.audit.counts.period_figures import PeriodFigures
from services.audit.days.day_leaves import DayLeaves
from services.audit.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterServices:
    """What counts days, and what reads their figures."""

    moves: CounterMoves
    figures: PeriodFigures


def compose_counters(core: Core) -> CounterServices:
    """Construct both, and register the counters with the engine."""
    table, workflows, clock = core.table, core.workflows, core.clock
    members = DayMembers(workflows, DayLeaves(table, workflows))
    parts, figures = CountedParts(table), DayFigures(table)
    counting = Counting(workflows, members, parts, figures)
    moves = CounterMoves(table, workflows, core.engine, counting, clock, core.advance_soon)
    core.engine.register(Counters, moves)
    history = History(table, workflows)
    return CounterServices(
        moves=moves,
        figures=PeriodFigures(history, workflows, members, parts, figures, clock),
    )
