"""Turn the exceptions of the Azure SDKs into the faults that the use cases handle."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from http import HTTPStatus
from types import TracebackType

import aiohttp
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.identity import CredentialUnavailableError

from services.answer_time import seconds_left, slowest, waiting_for
from services.azure.calls.limits import NotSent
from services.faults import Fault, NotPermitted, Rejected, Unavailable
from services.retry_after import retry_after

_LONGEST_MESSAGE = 400
_URL_QUERY = re.compile(r"(?<=[^\s?])\?[^\s'\"]*=[^\s'\"]*")
_TOKEN = re.compile(r"eyJ[\w-]{8,}(\.[\w-]*)*")
_SSL_CONTEXT = re.compile(r" ssl:<[^>]*>")  # in aiohttp's message for a failed connection
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

_UNANSWERED = (
    (ServiceRequestTimeoutError, "no connection in time"),
    (ServiceResponseTimeoutError, "no answer in time"),
    (ServiceRequestError, "the connection failed"),
    (ServiceResponseError, "the connection ended before the whole answer"),
    (ClientAuthenticationError, "no token for it"),
)

_THROTTLED = frozenset({HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

Known = Callable[[Exception], Fault | None]
"""Recognizes a service's own exceptions; None for the rest."""


def translated(
    service: str,
    *,
    codes_only: bool = False,
    changes: bool = False,
    known: Known | None = None,
) -> AbstractContextManager[None]:
    """Raise this service's Fault instead of the SDKs' exceptions inside the block.

    ``known`` is asked first. If a block that ``changes`` something gets no answer, its outcome is
    unknown.

    With ``codes_only`` the cause has no message: where values are sent, a message may quote one.
    Unexpected exceptions don't leave the block then either: a crash dump with local variables
    would show the values in their frames.

    The SDK's exception isn't chained: it carries the whole response, which would end up in a log.
    The text of a ValueError isn't repeated either: the SDKs raise one for an unexpected body, such
    as a proxy's page, and may quote from it.
    """
    return _Translation(service, codes_only, changes, known)


class _Translation(AbstractContextManager[None]):
    """A class, because a generator's frames would attach the SDK's exception to the fault."""

    def __init__(self, service: str, codes_only: bool, changes: bool, known: Known | None) -> None:
        self._service = service
        self._codes_only = codes_only
        self._changes = changes
        self._known = known
        self._waiting = waiting_for(service)

    def __enter__(self) -> None:
        self._waiting.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting.__exit__(None, None, None)
        if isinstance(error, NotSent):
            raise _in_time_for_answer(error.of(self._service)) from None
        if not isinstance(error, Exception) or isinstance(error, Fault):
            return
        fault = self._fault_of(error)
        if fault is None:
            return
        fault = _in_time_for_answer(fault)
        # A crash dump with local variables would show them, and they may quote what was sent.
        del error, trace
        raise fault from None

    def _fault_of(self, error: Exception) -> Fault | None:
        """Return the fault for an exception; None if the exception should propagate."""
        if self._known and (fault := self._known(error)):
            return fault
        if isinstance(error, AzureError):
            return fault_of(
                self._service, error, codes_only=self._codes_only, changes=self._changes
            )
        name = type(error).__name__
        if isinstance(error, ValueError):
            return self._unreadable(f"unreadable response ({name})")
        return self._unreadable(f"unexpected {name}") if self._codes_only else None

    def _unreadable(self, cause: str) -> Fault:
        return Unavailable(self._service, cause, outcome_unknown=self._changes)


def _in_time_for_answer(fault: Fault) -> Fault:
    """Name the service that took a turn's time, if there was none left for this one."""
    took = slowest() if seconds_left() == 0 else None
    is_unanswered = isinstance(fault, Unavailable) and fault.status is None
    if took is None or took == fault.service or not is_unanswered or fault.outcome_unknown:
        return fault
    cause = f"it took the time of the turn, so that {fault.service} couldn't answer ({fault.cause})"
    return Unavailable(took, cause, outcome_unknown=False)


def fault_of(
    service: str, error: AzureError, *, codes_only: bool = False, changes: bool = False
) -> Fault:
    """Build the fault for an SDK's exception; ``changes`` if the request changes something."""
    cause = codes_of(error) if codes_only else cause_of(error)
    status, code = status_of(error), code_of(error) or ""
    if status is None or status in _LATER or not 400 <= status < 500:
        # A 2xx or 3xx is an error here if its body was cut off or couldn't be read.
        return Unavailable(
            service,
            cause,
            retry_after_of(error),
            outcome_unknown=changes and not was_not_carried_out(error),
            status=status,
            code=code,
        )
    if _is_about_rights(error, status):
        return NotPermitted(service, cause, status=status, code=code)
    return Rejected(service, cause, status=status, code=code)


def was_not_carried_out(error: Exception) -> bool:
    """Say whether a failed request certainly had no effect and never will.

    That holds if no connection was made, if there was no token to send it with, and if it was
    throttled. azure-core raises ``ServiceRequestError`` for everything that ends before an answer,
    including a kept connection that broke after the request was written, so this checks the inner
    exception.
    """
    if isinstance(error, ClientAuthenticationError | ServiceRequestTimeoutError):
        return True
    if isinstance(error, HttpResponseError):
        return error.status_code in _THROTTLED
    return isinstance(error, AzureError) and isinstance(
        error.inner_exception, aiohttp.ClientConnectorError
    )


def _is_about_rights(error: AzureError, status: int) -> bool:
    """Say whether the bot's own identity was refused.

    Entra refuses a wrong client secret with 400 or 401, which azure-identity raises as a
    ClientAuthenticationError. If Entra didn't answer, that error has no response and the status is
    None: the identity endpoint is down or not up yet.
    """
    return status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or isinstance(
        error, ClientAuthenticationError
    )


def status_of(error: AzureError) -> int | None:
    """Return the HTTP status of the answer; None if there was no answer."""
    if isinstance(error, CredentialUnavailableError) and error.status_code is None:
        # The identity endpoint answered, but azure-identity shows that only in __cause__.
        error = error.__cause__ if isinstance(error.__cause__, HttpResponseError) else error
    return error.status_code if isinstance(error, HttpResponseError) else None


def code_of(error: AzureError) -> str | None:
    """Return the service's innermost error code, such as ``ForbiddenByRbac``."""
    table_code = getattr(error, "error_code", None)
    if table_code is not None:
        # Table Storage: a string, or an enum with that string as its value.
        return str(getattr(table_code, "value", table_code))
    if not isinstance(error, HttpResponseError):
        return None
    if error.error is None:
        return _word_in_body(error, "code")
    inner = error.error.innererror.get("code") if error.error.innererror else None
    return inner or error.error.code


def message_of(error: AzureError) -> str:
    """Return the service's message. Don't show it: it may quote what was sent."""
    if not isinstance(error, HttpResponseError):
        return ""
    return (error.error.message if error.error else _word_in_body(error, "message")) or ""


def _word_in_body(error: HttpResponseError, name: str) -> str | None:
    """Return the code or message of an error in a format that the SDK doesn't parse.

    App Service answers ``{"Code": …, "Message": …}`` when the refusal isn't Resource Manager's;
    Table Storage puts ``odata.error`` around it for a refused insert.
    """
    try:
        body = error.response.json()  # type: ignore[union-attr]  # the base class has no json
        said = body.get("odata.error") or body
        word = said.get(name) or said.get(name.capitalize())
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    return word if isinstance(word, str) else None


def cause_of(error: AzureError) -> str:
    """Describe an error for operators: status, code and message, without URL queries or tokens.

    The only part of a body that it repeats is the message in the service's error format.
    """
    if not isinstance(error, HttpResponseError):
        return _clean(f"{type(error).__name__}: {error.message}")
    message = (error.error.message if error.error else None) or error.message
    answer = _answer(error)
    return f"{answer}: {_clean(message)}" if answer else _clean(message)


def codes_of(error: AzureError) -> str:
    """Describe an error by status and code, or say in what way there was no answer.

    People read it on the cards of rotations.
    """
    if answer := _answer(error):
        return answer
    return next(
        (said for kind, said in _UNANSWERED if isinstance(error, kind)), "no readable answer"
    )


def _answer(error: AzureError) -> str:
    return " ".join(str(part) for part in (status_of(error), code_of(error)) if part)


def _clean(text: str) -> str:
    text = _SSL_CONTEXT.sub("", _TOKEN.sub("<token>", _URL_QUERY.sub("", " ".join(text.split()))))
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


def retry_after_of(error: AzureError) -> timedelta | None:
    """Return how long the service asks to wait, if it says so."""
    response = getattr(error, "response", None)
    return retry_after(getattr(response, "headers", None) or {})
