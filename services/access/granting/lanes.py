"""The lanes of an access request's moves."""

from collections.abc import Mapping
from datetime import datetime

from domain.access.request import AccessEffect, Request, RequestState
from services.workflow.lanes import Lane

_LANES: Mapping[str, Lane] = {
    AccessEffect.REMIND: Lane.REST,
    AccessEffect.ESCALATE: Lane.REST,
    AccessEffect.ASK_REVIEW: Lane.REST,
    AccessEffect.WARN: Lane.REST,
    AccessEffect.LAPSE: Lane.REST,
    AccessEffect.SEE_READS: Lane.REST,
    AccessEffect.START: Lane.GIVING,
    AccessEffect.MISS_START: Lane.REST,
    AccessEffect.GRANT: Lane.GIVING,
    AccessEffect.RAISE_ALARM: Lane.ALARM,
}


def lane_of(effect: str) -> Lane:
    """Return the lane of an effect; unlisted effects end access."""
    return _LANES.get(effect, Lane.ENDING)


def ends_at(request: Request) -> datetime | None:
    """Return when its access, or what a grant has created of it, must be revoked."""
    match request.state, request.grant:
        case RequestState.GRANTING, grant if grant:
            return grant.give_up_at
        case RequestState.ACTIVE, grant if grant:
            return grant.expires_at
        case _:
            return None
