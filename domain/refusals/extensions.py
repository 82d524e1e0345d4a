"""Why access isn't extended."""

from datetime import datetime, timedelta

from domain.refusals.refusal import Refusal


class NotYourGrant(Refusal):
    code = "not_your_grant"


class NothingToExtend(Refusal):
    code = "nothing_to_extend"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class TooLateToExtend(Refusal):
    code = "too_late_to_extend"

    def __init__(self, ended_at: datetime) -> None:
        super().__init__(ended_at=ended_at.isoformat())


class ExtensionAskedAlready(Refusal):
    code = "extension_asked_already"

    def __init__(self, by: timedelta) -> None:
        super().__init__(by=by.total_seconds())


class ExtensionTooLong(Refusal):
    code = "extension_too_long"

    def __init__(self, most: timedelta) -> None:
        super().__init__(most=most.total_seconds())


class ExtensionDecided(Refusal):
    code = "extension_decided"
