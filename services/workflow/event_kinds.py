"""Which events each kind of workflow can have, for what counts them from the start."""

from collections.abc import Mapping

from domain.access.request import AccessEvent
from domain.checkpoints.checkpoints import CheckpointsEvent
from domain.drill.drill import DrillEvent
from domain.erasure.erasure import ErasureEvent
from domain.policy_file.file import PolicyFileEvent
from domain.reconciliation.orphan import OrphanEvent
from domain.retention.retention import RetentionEvent
from domain.rotation.rotation import RotationEvent
from domain.rotation.schedule import ScheduleEvent

_OF_A_DRILLS_ACCESS = (
    AccessEvent.NOT_PERMITTED_YET,
    AccessEvent.NO_ROOM_YET,
    AccessEvent.GRANTED,
    AccessEvent.GAVE_UP,
    AccessEvent.FAILED,
    AccessEvent.VANISHED,
    AccessEvent.ENDED,
    AccessEvent.WATCHED,
    AccessEvent.REVOKED,
    AccessEvent.STUCK,
    AccessEvent.RETRIED,
    AccessEvent.CLOSED,
)

EVENTS: Mapping[str, tuple[str, ...]] = {
    "access": tuple(AccessEvent),
    "checkpoints": tuple(CheckpointsEvent),
    "drill": (*DrillEvent, *_OF_A_DRILLS_ACCESS),
    "erasure": tuple(ErasureEvent),
    "orphan": tuple(OrphanEvent),
    "policy_file": tuple(PolicyFileEvent),
    "retention": tuple(RetentionEvent),
    "rotation": tuple(RotationEvent),
    "schedule": tuple(ScheduleEvent),
}
"""By the kinds of ``codec.kind_of``; others have none."""
