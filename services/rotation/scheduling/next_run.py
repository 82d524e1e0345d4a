"""When a schedule is due next, by the clocks of its time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim

from domain.rotation.policy import Schedule


def next_run(schedule: Schedule, now: datetime) -> datetime:
    """Return the first run after ``now``, in UTC."""
    local = now.astimezone(ZoneInfo(schedule.timezone))
    # In the hour that comes twice when summer time ends, CronSim counts from the first one, so what
    # it finds in the second one can be past.
    runs = (run.astimezone(UTC) for run in CronSim(schedule.cron, local))
    return next(run for run in runs if run > now)
