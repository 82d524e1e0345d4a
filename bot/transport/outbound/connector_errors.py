"""Errors from Teams, sorted by what the caller can do about them."""

from datetime import timedelta


class ConnectorError(Exception):
    """Something was not sent, updated or looked up."""


class ConversationUnreachable(ConnectorError):
    """The person or conversation can't be reached, and a retry won't help.

    `code` is Teams' own, such as `BotNotInConversationRoster`, `ForbiddenOperationException` or
    `MessageWritesBlocked`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"Teams can't reach them: {code}")
        self.code = code


class ActivityGone(ConnectorError):
    """The activity to update or delete no longer exists."""

    def __init__(self) -> None:
        super().__init__("the message is gone")


class ActivityRefused(ConnectorError):
    """Teams refuses the request, and would refuse it again."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"Teams answered {status} {code}".rstrip())
        self.status = status
        self.code = code


class ConnectorUnavailable(ConnectorError):
    """Teams can't do it now; `retry_after` is how long to wait, if known.

    `ambiguous` means that it may have been done anyway: the answer was lost.
    """

    def __init__(
        self, reason: str, *, retry_after: timedelta | None = None, ambiguous: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.ambiguous = ambiguous


_BUSY = frozenset({412, 429, 503})  # answered before anything was done
_GONE_CODES = frozenset({"", "ActivityNotFoundInConversation", "MessageNotFound"})


def error_of(
    status: int, code: str, retry_after: timedelta | None, *, on_activity: bool
) -> ConnectorError:
    """Classify an error answer; `on_activity` if the request names an activity to change.

    Source for the statuses worth a retry:
    https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
    """
    if status in _BUSY:
        return ConnectorUnavailable(f"Teams answered {status}", retry_after=retry_after)
    if status >= 500:
        return ConnectorUnavailable(
            f"Teams answered {status}", retry_after=retry_after, ambiguous=True
        )
    if status == 404 and on_activity and code in _GONE_CODES:
        return ActivityGone()
    if status in (403, 404):
        return ConversationUnreachable(code or f"status {status}")
    return ActivityRefused(status, code)
