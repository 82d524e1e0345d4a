"""Events for operators: one log line each with the correlation ID, and counters."""

import logging

from opentelemetry.metrics import Meter

from domain.access.request import AccessEvent, Request
from domain.drill.drill import Drill, DrillEvent
from domain.workflow import Change, Event
from services.workflow import codec
from services.workflow.codec import Head
from services.workflow.event_kinds import EVENTS

LATENESS_BOUNDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 86400.0)
"""The upper bounds of the histogram's buckets, in seconds; 300 is where it is overdue."""

_SUCCEEDED, _FAILED = "succeeded", "failed"

log = logging.getLogger("latchkey.events")


class Journal:
    """Logs stored events, without any text that people wrote."""

    def __init__(self, meter: Meter) -> None:
        self._events = meter.create_counter(
            "latchkey_events", description="Events of workflows, by kind of workflow and event"
        )

        self._lateness = meter.create_histogram(
            "latchkey_revocation_lateness",
            unit="s",
            description="Time from when access should have ended until it was seen to be gone",
            explicit_bucket_boundaries_advisory=LATENESS_BOUNDS,
        )
        self._drills = meter.create_counter(
            "latchkey_drills", description="Drills that are over, by outcome"
        )
        self._drill_lateness = meter.create_histogram(
            "latchkey_drill_lateness",
            unit="s",
            description="Time from when a drill's access should have ended until it was gone",
            explicit_bucket_boundaries_advisory=LATENESS_BOUNDS,
        )
        # From 0: Prometheus's `rate` doesn't see how a counter got to its first value.
        for kind, events in EVENTS.items():
            for event in events:
                self._events.add(0, {"workflow": kind, "event": str(event)})
        for outcome in (_SUCCEEDED, _FAILED):
            self._drills.add(0, {"outcome": outcome})

    def write(self, change: Change[Head]) -> None:
        """Log and count the events of a change."""
        kind = codec.kind_of(change.head)
        for event in change.events:
            who = event.actor.object_id if event.actor else "latchkey"
            log.info(
                "%s by %s",
                event.kind,
                who,
                extra={
                    "correlation_id": change.head.id,
                    "workflow": kind,
                    "event": str(event.kind),
                },
            )
            if event.kind == AccessEvent.REVOKED:
                self._note_lateness(change.head, event)
            if isinstance(change.head, Drill):
                self._note_drill(change.head, event)
            self._events.add(1, {"workflow": kind, "event": str(event.kind)})

    def _note_lateness(self, head: Head, event: Event) -> None:
        if isinstance(head, Request) and head.revoke_since:
            late = (event.at - head.revoke_since).total_seconds()
            self._lateness.record(max(late, 0.0))

    def _note_drill(self, drill: Drill, event: Event) -> None:
        if event.kind not in {DrillEvent.SUCCEEDED, DrillEvent.FAILED}:
            return
        outcome = _SUCCEEDED if event.kind == DrillEvent.SUCCEEDED else _FAILED
        self._drills.add(1, {"outcome": outcome})
        if drill.lateness is not None:
            self._drill_lateness.record(drill.lateness.total_seconds())
