"""Which exceptions of the SDKs become which faults."""

import traceback
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    DeserializationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.identity import CredentialUnavailableError

from services.azure.calls.errors import fault_of, translated
from services.faults import Conflict, NotPermitted, Rejected, Unavailable

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3ZhdWx0In0.c2lnbmF0dXJl"


def _response(status: int, body: str = "", **headers: str) -> Any:
    return SimpleNamespace(
        status_code=status,
        reason="a reason",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        text=lambda: body,
        request=None,
    )


def _answered(status: int, body: str = "", **headers: str) -> HttpResponseError:
    return HttpResponseError(response=_response(status, body, **headers))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_temporary_error_is_unavailable(status: int) -> None:
    assert type(fault_of("ARM", _answered(status))) is Unavailable


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_permission_is_not_permitted(status: int) -> None:
    assert type(fault_of("ARM", _answered(status))) is NotPermitted


@pytest.mark.parametrize("status", [400, 404, 405, 409, 412, 413, 415])
def test_any_other_refusal_is_rejected(status: int) -> None:
    assert type(fault_of("ARM", _answered(status))) is Rejected


@pytest.mark.parametrize(
    "error",
    [
        ServiceRequestError("Cannot connect to host vault.azure.net:443"),
        ServiceRequestTimeoutError("Connection timeout"),
        ServiceResponseError("Server disconnected"),
        ServiceResponseTimeoutError("Timeout on reading data from socket"),
        IncompleteReadError("the body broke off"),
        DecodeError("JSON is invalid", response=_response(200, "<html>")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_missing_or_unreadable_answer_is_unavailable(error: AzureError) -> None:
    assert type(fault_of("ARM", error)) is Unavailable


def test_a_sign_in_that_entra_refuses_is_not_permitted() -> None:
    refused = ClientAuthenticationError(
        message="Authentication failed: AADSTS7000215: Invalid client secret provided.",
        response=_response(400),
    )

    fault = fault_of("Key Vault", refused)

    assert type(fault) is NotPermitted
    assert (
        fault.cause == "400: Authentication failed: AADSTS7000215: Invalid client secret provided."
    )


@pytest.mark.parametrize(
    "error",
    [
        ClientAuthenticationError(message="Entra is busy", response=_response(503)),
        CredentialUnavailableError(message="no response from the IMDS endpoint"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_sign_in_without_a_decision_is_unavailable(error: AzureError) -> None:
    assert type(fault_of("Key Vault", error)) is Unavailable


def test_an_unassigned_identity_is_not_permitted() -> None:
    error = CredentialUnavailableError(message="No identity has been assigned to this resource.")
    error.__cause__ = _answered(400)

    assert type(fault_of("Key Vault", error)) is NotPermitted


def test_a_throttled_call_says_when_to_retry() -> None:
    fault = fault_of("ARM", _answered(429, Retry_After="17"))

    assert isinstance(fault, Unavailable)
    assert fault.retry_after == timedelta(seconds=17)


def test_the_cause_has_the_status_the_innermost_code_and_the_message() -> None:
    body = (
        '{"error": {"code": "Forbidden", "message": "Caller is not\\r\\nauthorized.",'
        ' "innererror": {"code": "ForbiddenByRbac"}}}'
    )

    fault = fault_of("Key Vault", _answered(403, body))

    assert str(fault) == "Key Vault: 403 ForbiddenByRbac: Caller is not authorized."


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ServiceRequestTimeoutError("the value"), "no connection in time"),
        (ServiceResponseTimeoutError("the value"), "no answer in time"),
        (ServiceRequestError("the value"), "the connection failed"),
        (ServiceResponseError("the value"), "the connection ended before the whole answer"),
        (ClientAuthenticationError("the value"), "no token for it"),
        (CredentialUnavailableError("the value"), "no token for it"),
        (AzureError("the value"), "no readable answer"),
        (DeserializationError("the value"), "no readable answer"),
    ],
)
def test_without_an_answer_a_cause_without_message_says_so_in_words(
    error: AzureError, expected: str
) -> None:
    assert fault_of("Key Vault", error, codes_only=True).cause == expected


def test_the_cause_does_not_repeat_a_body_in_another_format() -> None:
    fault = fault_of("Key Vault", _answered(502, '{"value": "the secret itself"}'))

    assert fault.cause == "502: Operation returned an invalid status 'a reason'"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "GET https://a.table.core.windows.net/work?sv=2019-02-02&sig=abc%3D failed",
            "ServiceRequestError: GET https://a.table.core.windows.net/work failed",
        ),
        (f"Bearer {TOKEN} is expired", "ServiceRequestError: Bearer <token> is expired"),
        ("Is it there? It is.", "ServiceRequestError: Is it there? It is."),
        (
            "Cannot connect to host a:443 ssl:<ssl.SSLContext object at 0x7f2> [Refused]",
            "ServiceRequestError: Cannot connect to host a:443 [Refused]",
        ),
    ],
)
def test_the_cause_has_no_query_no_token_and_no_addresses(message: str, expected: str) -> None:
    assert fault_of("Table Storage", ServiceRequestError(message)).cause == expected


def test_a_long_message_is_cut() -> None:
    cause = fault_of("ARM", ServiceRequestError("x" * 10_000)).cause

    assert cause.endswith("x…")
    assert len(cause) < 500


def test_a_traceback_shows_the_fault_without_the_sdks_exception() -> None:
    with pytest.raises(Unavailable) as caught, translated("Key Vault"):
        raise _answered(500, '{"value": "the secret itself"}')

    shown = "".join(traceback.format_exception(caught.value))

    assert "Key Vault: 500" in shown
    assert "the secret itself" not in shown


def test_the_text_of_an_unreadable_answer_is_not_repeated() -> None:
    with pytest.raises(Unavailable) as caught, translated("Key Vault"):
        raise DeserializationError("Unable to deserialize response data. Data: the secret itself")

    assert caught.value.cause == "unreadable response (DeserializationError)"


def test_other_exceptions_pass_through() -> None:
    with pytest.raises(Conflict), translated("Table Storage"):
        raise Conflict("p")
