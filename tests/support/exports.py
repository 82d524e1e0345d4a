"""Builds exporters."""

from services.audit.days.day_leaves import DayLeaves
from services.audit.days.exported_days import ExportedDays
from services.audit.files.export import Exporter
from services.audit.history import History
from tests.support.replica import Replica


def exporter_of(replica: Replica) -> Exporter:
    """Return what exports the workflows of a replica's world."""
    table, workflows = replica.world.table, replica.workflows
    days = ExportedDays(workflows, DayLeaves(table, workflows))
    return Exporter(History(table, workflows), workflows, days, replica.clock)
