"""What can go wrong outside of us, in the ways that make a difference."""

from datetime import timedelta


class Fault(Exception):
    """An outside service did not do what was asked; ``cause`` is for operators, in its words.

    ``status`` is that of its HTTP answer and ``code`` its own word, such as ``ScopeLocked``; both
    are missing where it did not answer.
    """

    outcome_unknown = False
    """Whether what was asked for may still be carried out."""

    retry_after: timedelta | None = None
    """How long the service asks to be left alone, if it says so."""

    def __init__(
        self, service: str, cause: str, *, status: int | None = None, code: str = ""
    ) -> None:
        super().__init__(f"{service}: {cause}")
        self.service = service
        self.cause = cause
        self.status = status
        self.code = code


class Unavailable(Fault):
    """It may work later: throttled, down, unreachable, or not replicated yet.

    Unless ``outcome_unknown`` is False, the effect that was asked for may have happened all the
    same, or may still happen: for as long as ``domain.unknown_outcome`` says.
    """

    def __init__(
        self,
        service: str,
        cause: str,
        retry_after: timedelta | None = None,
        *,
        outcome_unknown: bool = True,
        status: int | None = None,
        code: str = "",
    ) -> None:
        super().__init__(service, cause, status=status, code=code)
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown


class NotPermitted(Fault):
    """The bot's own identity lacks a right; nothing happened."""


class Rejected(Fault):
    """The service understood and will never do this as asked; nothing happened."""


class Locked(Rejected):
    """A resource lock forbids it for as long as the lock is there; nothing happened.

    ``where`` says what is locked: ``the vault demo-vault``.
    """

    def __init__(self, service: str, cause: str, where: str, *, status: int, code: str) -> None:
        super().__init__(service, cause, status=status, code=code)
        self.where = where


class LimitReached(Rejected):
    """Azure has no room for another one; nothing happened."""


class AccountDisabled(Rejected):
    """The directory has this account, and it is disabled."""


class StandingAccess(Fault):
    """The same role, principal and scope are assigned already, and not by us."""


class Conflict(Exception):
    """Somebody else wrote first: load again and decide again."""
