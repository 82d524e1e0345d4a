"""The rotation that follows a grant: whoever could read the secret knows the old value alone."""

import logging

from domain.access import Request
from domain.refusals import Refusal
from domain.rotation import Cause, Trigger
from services.rotation.rotations import Rotations
from services.rotation.schedules import derived_rotation_id

log = logging.getLogger(__name__)


class AfterGrant:
    """Begins one rotation for each grant that has ended."""

    def __init__(self, rotations: Rotations) -> None:
        self._rotations = rotations

    async def rotate(self, request: Request) -> None:
        """Begin the rotation; begun again it is the same one."""
        detail = f"{request.id} of {request.requester.name}"
        trigger = Trigger(Cause.GRANT_ENDED, None, detail)
        try:
            await self._rotations.start(request.secret, trigger, derived_rotation_id(request.id))
        except Refusal as refusal:
            log.warning("%s: no rotation after it: %s", request.id, refusal.sentence)
