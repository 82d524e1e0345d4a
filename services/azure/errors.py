"""Turn what the Azure SDKs raise into the faults that the use cases know."""

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
    ServiceRequestTimeoutError,
)
from azure.identity import CredentialUnavailableError

from services.faults import Fault, NotPermitted, Rejected, Unavailable
from services.retry_after import retry_after

_LONGEST_MESSAGE = 400
_URL_QUERY = re.compile(r"(?<=[^\s?])\?[^\s'\"]*=[^\s'\"]*")
_TOKEN = re.compile(r"eyJ[\w-]{8,}(\.[\w-]*)*")
_SSL_CONTEXT = re.compile(r" ssl:<[^>]*>")  # aiohttp shows what it could not connect with
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

_THROTTLED = frozenset({HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

Known = Callable[[Exception], Fault | None]
"""Knows what a service means by some exceptions; None for the rest."""


def translated(
    service: str,
    *,
    codes_only: bool = False,
    changes: bool = False,
    known: Known | None = None,
) -> AbstractContextManager[None]:
    """Raise a Fault of this service instead of what the SDKs raise inside the block.

    What is ``known`` of this service in particular comes first. A block that ``changes`` something
    says so: where it gets no answer, its outcome is unknown.

    Its cause has no message where there are to be ``codes_only``: where values are sent, a message
    may quote one. Nor do unforeseen exceptions leave the block then: the frames that they come with
    hold what is sent, for whoever writes a crash dump with local variables.

    The SDK's own exception is not chained: it carries the whole answer, and a log would show it.
    Nor is the text of a ValueError repeated: the SDKs raise one for a body that is not what they
    expect, such as a proxy's page, and may quote from it.
    """
    return _Translation(service, codes_only, changes, known)


class _Translation(AbstractContextManager[None]):
    """A class, since a generator's frames would keep the SDK's exception in what it raises."""

    def __init__(self, service: str, codes_only: bool, changes: bool, known: Known | None) -> None:
        self._service = service
        self._codes_only = codes_only
        self._changes = changes
        self._known = known

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, Exception) or isinstance(error, Fault):
            return
        fault = self._fault_of(error)
        if fault is None:
            return
        # A crash dump with local variables would show what the SDK says of what was sent.
        del error, trace
        raise fault from None

    def _fault_of(self, error: Exception) -> Fault | None:
        """Return the fault that an exception stands for; None for one that is to go on."""
        if self._known and (fault := self._known(error)):
            return fault
        if isinstance(error, AzureError):
            return fault_of(
                self._service, error, codes_only=self._codes_only, changes=self._changes
            )
        name = type(error).__name__
        if isinstance(error, ValueError):
            return self._unreadable(f"an answer that cannot be read ({name})")
        return self._unreadable(f"unexpected {name}") if self._codes_only else None

    def _unreadable(self, cause: str) -> Fault:
        return Unavailable(self._service, cause, outcome_unknown=self._changes)


def fault_of(
    service: str, error: AzureError, *, codes_only: bool = False, changes: bool = False
) -> Fault:
    """Build the fault that an SDK's exception stands for, of a request that ``changes`` or not."""
    cause = codes_of(error) if codes_only else cause_of(error)
    status, code = status_of(error), code_of(error) or ""
    if status is None or status in _LATER or not 400 <= status < 500:
        # A 2xx or 3xx is here as an error when its body broke off or could not be read.
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
    """Say whether a request that failed certainly did nothing, and will do nothing.

    So where no connection came about, where there was no token to send it with, and where it was
    throttled. azure-core calls all that ends before an answer a ``ServiceRequestError``, a kept
    connection that broke after the request was written among it, so what is beneath is looked at.
    """
    if isinstance(error, ClientAuthenticationError | ServiceRequestTimeoutError):
        return True
    if isinstance(error, HttpResponseError):
        return error.status_code in _THROTTLED
    return isinstance(error, AzureError) and isinstance(
        error.inner_exception, aiohttp.ClientConnectorError
    )


def _is_about_rights(error: AzureError, status: int) -> bool:
    """Say whether the bot's own identity is refused.

    Entra refuses a wrong client secret with 400 or 401, which azure-identity raises as a
    ClientAuthenticationError. Where Entra did not answer, that error has no response: the
    identity's endpoint is down or not there yet, and the status is None.
    """
    return status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or isinstance(
        error, ClientAuthenticationError
    )


def status_of(error: AzureError) -> int | None:
    """Return the HTTP status of the answer; None where there was no answer."""
    if isinstance(error, CredentialUnavailableError) and error.status_code is None:
        # The identity's endpoint answered, but azure-identity keeps that to the exception's cause.
        error = error.__cause__ if isinstance(error.__cause__, HttpResponseError) else error
    return error.status_code if isinstance(error, HttpResponseError) else None


def code_of(error: AzureError) -> str | None:
    """Return the service's own code, the innermost one, such as ``ForbiddenByRbac``."""
    table_code = getattr(error, "error_code", None)
    if table_code is not None:
        # Table Storage: a plain string, or an enumeration whose value is that string.
        return str(getattr(table_code, "value", table_code))
    if not isinstance(error, HttpResponseError):
        return None
    if error.error is None:
        return _word_in_body(error, "code")
    inner = error.error.innererror.get("code") if error.error.innererror else None
    return inner or error.error.code


def message_of(error: AzureError) -> str:
    """Return the service's own message: it may quote what was sent, so it is not for showing."""
    if not isinstance(error, HttpResponseError):
        return ""
    return (error.error.message if error.error else _word_in_body(error, "message")) or ""


def _word_in_body(error: HttpResponseError, name: str) -> str | None:
    """Return the code or message of an answer in a shape that the SDK does not read.

    App Service answers flat, ``{"Code": …, "Message": …}``, where it is not Resource Manager that
    refuses; a table says ``odata.error`` of a refused insert.
    """
    try:
        body = error.response.json()  # type: ignore[union-attr]  # the base class has no json
        said = body.get("odata.error") or body
        word = said.get(name) or said.get(name.capitalize())
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    return word if isinstance(word, str) else None


def cause_of(error: AzureError) -> str:
    """Say for operators what went wrong: status, code and message, without URL queries or tokens.

    No part of a body is repeated but the message of the service's own error format.
    """
    if not isinstance(error, HttpResponseError):
        return _clean(f"{type(error).__name__}: {error.message}")
    message = (error.error.message if error.error else None) or error.message
    answer = _answer(error)
    return f"{answer}: {_clean(message)}" if answer else _clean(message)


def codes_of(error: AzureError) -> str:
    """Say what went wrong by status and code, or by the kind of error where there was no answer."""
    return _answer(error) or type(error).__name__


def _answer(error: AzureError) -> str:
    return " ".join(str(part) for part in (status_of(error), code_of(error)) if part)


def _clean(text: str) -> str:
    text = _SSL_CONTEXT.sub("", _TOKEN.sub("<token>", _URL_QUERY.sub("", " ".join(text.split()))))
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


def retry_after_of(error: AzureError) -> timedelta | None:
    """Return how long the service asks to be left alone, if it says so."""
    response = getattr(error, "response", None)
    return retry_after(getattr(response, "headers", None) or {})
