"""Why a record isn't shown."""

from datetime import timedelta

from domain.refusals.refusal import Refusal


class NothingToSee(Refusal):
    """The same answer for what isn't there and for what isn't this person's, so it reveals none."""

    code = "nothing_to_see"


class UnknownWorkflow(Refusal):
    code = "unknown_workflow"


class Archived(Refusal):
    code = "archived"

    def __init__(self, workflow_id: str, day: str) -> None:
        super().__init__(workflow_id=workflow_id, day=day)


class UnreadablePeriod(Refusal):
    code = "unreadable_period"


class PeriodTooLong(Refusal):
    code = "period_too_long"

    def __init__(self, longest: timedelta) -> None:
        super().__init__(longest=longest.total_seconds())


class NotADay(Refusal):
    code = "not_a_day"


class NoCheckpoint(Refusal):
    code = "no_checkpoint"

    def __init__(self, day: str) -> None:
        super().__init__(day=day)


class PageGone(Refusal):
    code = "page_gone"
