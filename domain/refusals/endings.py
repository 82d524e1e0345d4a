"""Why access, or a request for it, isn't ended."""

from datetime import datetime

from domain.refusals.refusal import Refusal


class NotYoursToCancel(Refusal):
    code = "not_yours_to_cancel"

    def __init__(self, requester: str) -> None:
        super().__init__(requester=requester)


class TooLateToCancel(Refusal):
    code = "too_late_to_cancel"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id=request_id)


class NotYoursToGiveBack(Refusal):
    code = "not_yours_to_give_back"

    def __init__(self, holder: str) -> None:
        super().__init__(holder=holder)


class NothingGrantedYet(Refusal):
    code = "nothing_granted_yet"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id=request_id)


class NoAccessToEnd(Refusal):
    code = "no_access_to_end"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class AlreadyEnded(Refusal):
    code = "already_ended"

    def __init__(self, who: str, at: datetime) -> None:
        super().__init__(who=who, at=at.isoformat())


class WindowOver(Refusal):
    code = "window_over"

    def __init__(self, at: datetime | None = None) -> None:
        super().__init__(at=at.isoformat() if at else None)


class NothingOverdue(Refusal):
    code = "nothing_overdue"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class ReasonMissing(Refusal):
    code = "reason_missing"
