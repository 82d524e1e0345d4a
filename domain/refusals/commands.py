"""Why a command isn't carried out, whatever it is for."""

from datetime import datetime

from domain.refusals.refusal import Refusal


class PlanCancelled(Refusal):
    code = "plan_cancelled"

    def __init__(self, who: str, at: datetime) -> None:
        super().__init__(who=who, at=at.isoformat())


class ReasonTooLong(Refusal):
    """Refuse a reason or a note that was typed with an answer."""

    code = "reason_too_long"

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(length=length, longest=longest)
