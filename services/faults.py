"""What can go wrong outside of us, in the three ways that make a difference."""

from datetime import timedelta


class Fault(Exception):
    """An outside service did not do what was asked; ``cause`` is for operators, in its words."""

    def __init__(self, service: str, cause: str) -> None:
        super().__init__(f"{service}: {cause}")
        self.service = service
        self.cause = cause


class Unavailable(Fault):
    """It may work later: throttled, down, unreachable, or not replicated yet.

    The effect that was asked for may have happened all the same.
    """

    def __init__(self, service: str, cause: str, retry_after: timedelta | None = None) -> None:
        super().__init__(service, cause)
        self.retry_after = retry_after


class NotPermitted(Fault):
    """The bot's own identity lacks a right; nothing happened."""


class Rejected(Fault):
    """The service understood and will never do this as asked; nothing happened."""


class AccountDisabled(Rejected):
    """The directory has this account, and it is disabled."""


class StandingAccess(Fault):
    """The same role, principal and scope are assigned already, and not by us."""


class Conflict(Exception):
    """Somebody else wrote first: load again and decide again."""
