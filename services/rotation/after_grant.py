"""The rotation after a grant has ended, so that the grantee only knows the old value."""

import logging
from contextlib import suppress

from domain.access.request import Request
from domain.refusals import Refusal, RotationUnderWay
from domain.rotation.owed import OwedRotation, OwedState
from domain.workflow import Change
from services.clock import Clock
from services.faults import Conflict
from services.rotation.rotations import Rotations
from services.rotation.schedules import derived_rotation_id
from services.workflow.engine import Engine

log = logging.getLogger(__name__)


class AfterGrant:
    """Starts a rotation for each secret of an ended grant, now or as soon as possible."""

    def __init__(self, rotations: Rotations, engine: Engine, clock: Clock) -> None:
        self._rotations = rotations
        self._engine = engine
        self._clock = clock

    async def rotate(self, request: Request, secret: str) -> None:
        """Start the rotation of one of a request's secrets; repeated calls start only one.

        If another rotation is running, store that this one is owed.
        """
        rotation_id = derived_rotation_id(request.id, secret)
        owed = OwedRotation(
            id=f"owed-{rotation_id}",
            state=OwedState.OWED,
            secret=secret,
            rotation_id=rotation_id,
            detail=request.id,
            since=self._clock(),
        )
        try:
            await self._rotations.start(owed.secret, owed.trigger, rotation_id)
        except RotationUnderWay as refusal:
            log.warning("%s: rotation postponed: %s", request.id, refusal)
            with suppress(Conflict):  # an earlier try has stored it
                await self._engine.open(Change(owed))
        except Refusal as refusal:
            log.warning("%s: not rotated after the grant: %s", request.id, refusal)
