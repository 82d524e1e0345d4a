"""The rotation after a grant has ended, so that the grantee only knows the old value.

A role assignment can open the secret for some minutes after its deletion. A value that is written
in that time could be read too, so the policy can let the rotation wait.
"""

from contextlib import suppress

from domain.access.request import Request
from domain.access.target import Target
from domain.rotation.owed import OwedRotation, OwedState
from domain.workflow import Change
from services.clock import Clock
from services.faults import Conflict
from services.rotation.scheduling.schedules import derived_rotation_id
from services.workflow.engine import Engine


class AfterGrant:
    """Stores that a rotation is owed for each secret of an ended grant."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def rotate(self, request: Request, target: Target) -> None:
        """Store the rotation of one of a request's secrets, whose access Azure says is gone.

        Repeated calls store only one. Whether it can start is found out when it is due, by a
        replica with the newest rules.
        """
        rotation_id = derived_rotation_id(request.id, target.secret)
        owed = OwedRotation(
            id=f"owed-{rotation_id}",
            state=OwedState.OWED,
            secret=target.secret,
            rotation_id=rotation_id,
            detail=request.id,
            since=self._clock() + target.rotation_waits,
        )
        with suppress(Conflict):  # an earlier try has stored it
            await self._engine.open(Change(owed))
