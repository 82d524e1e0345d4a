"""What there is no more: its end is not taken for an undo before a human says that it was meant."""

from collections.abc import Awaitable
from http import HTTPStatus

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from services.faults import Rejected


async def skip_if_deleted(
    rotation: Rotation, doing: Awaitable[None], what: Reason
) -> Reason | None:
    """Do something to what may be gone; returns ``what`` for a note where it is, on purpose.

    Raises Rejected where it is gone and nobody has said that it was on purpose.
    """
    try:
        await doing
    except Rejected as fault:
        if fault.status != HTTPStatus.NOT_FOUND:
            raise
        if not rotation.is_insisted_on:
            raise gone(fault) from None
        return what
    return None


def gone(fault: Rejected) -> Rejected:
    """Return a refusal that says how a human goes on."""
    return Rejected(
        fault.service,
        Reason("gone", {"cause": fault.cause}),
        status=fault.status,
        code=fault.code,
    )
