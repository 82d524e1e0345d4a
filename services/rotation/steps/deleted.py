"""Things that were deleted: an admin has to confirm that before it counts as an undo."""

from collections.abc import Awaitable
from http import HTTPStatus

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from services.faults import Rejected
from services.rotation.insistence import raise_unless_insisted_on


async def skip_if_deleted(
    rotation: Rotation, doing: Awaitable[None], what: Reason
) -> Reason | None:
    """Await ``doing``; return ``what`` as a note if its subject was deleted on purpose.

    Raises Rejected if it was deleted and no one has confirmed that this was on purpose.
    """
    try:
        await doing
    except Rejected as fault:
        if fault.status != HTTPStatus.NOT_FOUND:
            raise
        raise_unless_insisted_on(rotation, gone(fault))
        return what
    return None


def gone(fault: Rejected) -> Rejected:
    """Return a refusal that says how to continue."""
    return Rejected(
        fault.service,
        Reason("gone", {"cause": fault.cause}),
        status=fault.status,
        code=fault.code,
    )
