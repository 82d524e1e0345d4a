"""An expiry watch that fails and recovers, made with the domain's own changes."""

from datetime import timedelta

from domain.reasons import as_written
from domain.rotation import schedule as change
from domain.rotation.schedule import LookFault, ScheduledRotation, ScheduleState
from domain.workflow import Change, Event
from tests.cards.scenarios import NOW

WATCHED = ScheduledRotation(
    id="sch-3f0c9a77125e6b01",
    state=ScheduleState.WAITING,
    secret="app-api-key",
    vault_name="kv-demo",
    cron="",
    timezone="",
    next_run=None,
    run_at=None,
    check_at=NOW,
)
CAUSES = {
    LookFault.NOT_PERMITTED: "403 ForbiddenByRbac",
    LookFault.DISABLED: "403 SecretDisabled",
    LookFault.GONE: "404 SecretNotFound",
    LookFault.OTHER: "503",
}


def _failed(fault: LookFault) -> Change[ScheduledRotation]:
    first = change.look_failed(WATCHED, LookFault.OTHER, as_written("503"), NOW, jitter=0.5).head
    later = NOW + timedelta(days=1)
    return change.look_failed(first, fault, as_written(CAUSES[fault]), later, jitter=0.5)


def unwatched(fault: LookFault = LookFault.NOT_PERMITTED) -> ScheduledRotation:
    return _failed(fault).head


WATCH_EVENTS: dict[str, tuple[ScheduledRotation, Event]] = {
    **{str(fault): (unwatched(fault), _failed(fault).events[0]) for fault in LookFault},
    "watched again": (
        WATCHED,
        change.looked(unwatched(), NOW + timedelta(days=2)).events[0],
    ),
}
