"""Events for operators: one log line each with the correlation ID, and counters."""

import logging

from opentelemetry.metrics import Meter

from domain.workflow import Change
from services.workflow import codec
from services.workflow.codec import Head

log = logging.getLogger("latchkey.events")


class Journal:
    """Logs stored events, without any text that people wrote."""

    def __init__(self, meter: Meter) -> None:
        self._events = meter.create_counter(
            "latchkey_events", description="Events of workflows, by kind of workflow and event"
        )

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
            self._events.add(1, {"workflow": kind, "event": str(event.kind)})
