"""Faults of outside services, by how they must be handled."""

import logging
from datetime import timedelta

from domain.reasons import Reason


class Fault(Exception):
    """An outside service failed; ``cause`` is its own description, for operators.

    Where Latchkey itself knows what is wrong, it gives a ``reason`` for people in place of it.
    ``status`` is that of its HTTP answer and ``code`` its own word, such as ``ScopeLocked``; both
    are missing where it did not answer.
    """

    outcome_unknown = False
    """Whether the request may still be carried out."""

    retry_after: timedelta | None = None
    """How long the service asks to wait, if it says so."""

    def __init__(
        self, service: str, cause: str | Reason, *, status: int | None = None, code: str = ""
    ) -> None:
        self.cause = str(cause).strip() or "no cause given"
        super().__init__(f"{service}: {self.cause}")
        self.service = service
        self.reason = cause if isinstance(cause, Reason) else None
        self.status = status
        self.code = code


class Unavailable(Fault):
    """A retry may work: throttled, down, unreachable, or not replicated yet.

    Unless ``outcome_unknown`` is False, the requested effect may have happened anyway, or may
    still happen for as long as ``domain.unknown_outcome`` says.
    """

    def __init__(
        self,
        service: str,
        cause: str | Reason,
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
    """The bot's identity lacks a permission; nothing happened."""


class LookUpNotPermitted(Unavailable):
    """An answer is missing as in an outage, but because the bot's identity isn't allowed to ask."""


def unanswered(fault: Fault) -> Unavailable:
    """Return the fault of a look-up that one of its sources left without an answer."""
    kind = LookUpNotPermitted if isinstance(fault, NotPermitted) else Unavailable
    return kind(fault.service, fault.cause, outcome_unknown=False)


class Rejected(Fault):
    """The service permanently refuses this request; nothing happened."""


class Locked(Rejected):
    """A resource lock forbids it until the lock is removed; nothing happened.

    ``scopes`` are the ARM scopes that Azure names as locked; empty if it names none.
    """

    def __init__(
        self, service: str, cause: str, scopes: tuple[str, ...], *, status: int, code: str
    ) -> None:
        super().__init__(service, cause, status=status, code=code)
        self.scopes = scopes


class LimitReached(Rejected):
    """An Azure limit is reached; nothing happened."""


class AccountDisabled(Rejected):
    """The account exists in the directory, but is disabled."""


class StandingAccess(Fault):
    """The same role, principal and scope are already assigned, but not by us."""


class Conflict(Exception):
    """Someone else wrote first: reload and decide again."""


def log_failure(log: logging.Logger, said: str, error: Exception, correlation_id: str = "") -> None:
    """Log what is tried again: a service's fault in one line, a bug with its stack trace."""
    extra = {"correlation_id": correlation_id} if correlation_id else None
    if isinstance(error, Fault):
        log.warning("%s: %s", said, error, extra=extra)
    else:
        log.error("%s", said, exc_info=error, extra=extra)


def described(error: BaseException) -> str:
    """Return what the log says of an exception: never nothing, though some have no text."""
    said, kind = str(error).strip(), type(error)
    if not said:
        return "no answer in time" if isinstance(error, TimeoutError) else kind.__name__
    # Python's own say little by themselves, such as a KeyError, whose text is the key.
    return f"{kind.__name__}: {said}" if kind.__module__ == "builtins" else said
