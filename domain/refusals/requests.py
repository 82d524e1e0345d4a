"""Why a request isn't made."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.reasons import Reason
from domain.refusals.refusal import Refusal, echoed


class OfSeveral(Refusal):
    """Refuse a request for several secrets because of some of them; none is requested then."""

    code = "of_several"

    def __init__(self, refused: Mapping[str, Refusal]) -> None:
        """Take the refusal for each secret concerned, by its name as it was typed."""
        super().__init__(
            *(refusal.reason for refusal in refused.values()),
            secrets=tuple(echoed(secret) for secret in refused),
        )
        self.blocks = any(refusal.blocks for refusal in refused.values())


class Blocked(Refusal):
    """The answer to an attempt that was refused before: the same reason again."""

    code = "blocked"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)


class MayNotAsk(Refusal):
    code = "may_not_ask"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class GuestsMayNotAsk(Refusal):
    code = "guests_may_not_ask"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class NotInDirectory(Refusal):
    """The directory answers, and has no enabled account for them: they may be a guest."""

    code = "not_in_directory"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class MembershipUnknown(Refusal):
    """Nothing is decided yet: asked again in a while, it may be allowed."""

    code = "membership_unknown"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class MayNotAskForOthers(Refusal):
    code = "may_not_ask_for_others"
    blocks = True

    def __init__(self, secret: str, name: str) -> None:
        super().__init__(secret=secret, name=name)


class MayNotBeAskedFor(Refusal):
    code = "may_not_be_asked_for"
    blocks = True

    def __init__(self, secret: str, name: str) -> None:
        super().__init__(secret=secret, name=name)


class MayNotBreakGlass(Refusal):
    code = "may_not_break_glass"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class NobodyOfThatName(Refusal):
    code = "nobody_of_that_name"


class TooManyRequests(Refusal):
    code = "too_many_requests"

    def __init__(self, most: int, again_at: datetime) -> None:
        super().__init__(most=most, again_at=again_at.isoformat())


class TooManySecrets(Refusal):
    code = "too_many_secrets"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class NobodyCanApprove(Refusal):
    """``whom`` is the grantee, if someone else asks for them: neither of the two can approve."""

    code = "nobody_can_approve"

    def __init__(self, secret: str, whom: str = "") -> None:
        super().__init__(secret=secret, **({"whom": whom} if whom else {}))


class NobodyApprovesAll(Refusal):
    code = "nobody_approves_all"

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(secrets=tuple(secrets))


class NoCommonWindow(Refusal):
    code = "no_common_window"

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(secrets=tuple(secrets))


class UnreadableDuration(Refusal):
    code = "unreadable_duration"


class DurationOutOfBounds(Refusal):
    code = "duration_out_of_bounds"

    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        super().__init__(shortest=shortest.total_seconds(), longest=longest.total_seconds())


class JustificationMissing(Refusal):
    code = "justification_missing"


class JustificationTooLong(Refusal):
    code = "justification_too_long"

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(length=length, longest=longest)


class TicketMissing(Refusal):
    code = "ticket_missing"

    def __init__(self, hint: str) -> None:
        super().__init__(hint=hint)


class OnlyAboutYourself(Refusal):
    code = "only_about_yourself"


class FormClosed(Refusal):
    code = "form_closed"


class NotYourForm(Refusal):
    code = "not_your_form"
