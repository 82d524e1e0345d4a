"""Why access can't start when it was asked for."""

from datetime import datetime, timedelta

from domain.refusals.refusal import Refusal


class UnreadableStart(Refusal):
    code = "unreadable_start"


class StartInThePast(Refusal):
    code = "start_in_the_past"

    def __init__(self, at: datetime) -> None:
        super().__init__(at=at.isoformat())


class StartTooFarAhead(Refusal):
    code = "start_too_far_ahead"

    def __init__(self, within: timedelta) -> None:
        super().__init__(within=within.total_seconds())


class NoLaterStart(Refusal):
    code = "no_later_start"


class StartsAtOnce(Refusal):
    """Break-glass access can't be scheduled."""

    code = "starts_at_once"
