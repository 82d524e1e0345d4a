"""Why an approver's answer to a request doesn't count."""

from datetime import datetime, timedelta

from domain.people import Principals
from domain.refusals.refusal import Refusal, echoed


class UnknownRequest(Refusal):
    code = "unknown_request"


class NotAnApprover(Refusal):
    code = "not_an_approver"

    def __init__(self, approvers: Principals) -> None:
        super().__init__(
            approvers=tuple(person.name for person in approvers.people),
            groups=tuple(group.name for group in approvers.groups),
        )


class SelfApproval(Refusal):
    code = "self_approval"


class AccountGone(Refusal):
    code = "account_gone"


class AlreadyApproved(Refusal):
    code = "already_approved"


class AlreadyDecided(Refusal):
    code = "already_decided"

    def __init__(self, outcome: str, who: str, at: datetime) -> None:
        """Take ``approved`` or ``denied``, and by whom and when."""
        super().__init__(outcome=outcome, who=who, at=at.isoformat())


class NoLongerPending(Refusal):
    code = "no_longer_pending"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class NoLongerRequestable(Refusal):
    code = "no_longer_requestable"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class NoLongerAllowed(Refusal):
    """Refuse to approve what today's rules don't let these people have any more.

    ``whom`` is the grantee, if someone else asked for them.
    """

    code = "no_longer_allowed"

    def __init__(self, secret: str, name: str, whom: str = "") -> None:
        super().__init__(secret=secret, name=name, whom=whom)


class RequestNotConfirmed(Refusal):
    """Refuse what its requester didn't confirm with a sign-in as today's rules ask."""

    code = "request_not_confirmed"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class TooFewApprovers(Refusal):
    """Refuse to ask approvers again where there are too few of them by today's rules."""

    code = "too_few_approvers_today"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class RequesterGone(Refusal):
    code = "requester_gone"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class RemindedAlready(Refusal):
    code = "reminded_already"

    def __init__(self, reminded_at: datetime, again_at: datetime) -> None:
        super().__init__(reminded_at=reminded_at.isoformat(), again_at=again_at.isoformat())


class NotLess(Refusal):
    code = "not_less"

    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        super().__init__(shortest=shortest.total_seconds(), longest=longest.total_seconds())


class NotOfThisRequest(Refusal):
    code = "not_of_this_request"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=echoed(secret))


class NothingLeft(Refusal):
    code = "nothing_left"


class CannotBeLeftOut(Refusal):
    """Leaving it out would withhold nothing: another secret's access opens the whole vault."""

    code = "cannot_be_left_out"

    def __init__(self, secret: str, opened_by: str) -> None:
        super().__init__(secret=secret, opened_by=opened_by)


class NothingToReview(Refusal):
    code = "nothing_to_review"


class OwnReview(Refusal):
    code = "own_review"
