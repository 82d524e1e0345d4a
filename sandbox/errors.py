"""Error answers, each in the format of the service that returns it."""

from collections.abc import Mapping

from sandbox.calls import Json, Reply


class ApiError(Exception):
    """Carry a service's error answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status}: {reply.body}")
        self.reply = reply


def key_vault_refusal(
    status: int,
    code: str,
    message: str,
    *,
    inner: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> ApiError:
    """Build a `KeyVaultError`, with an `innererror` where the service has one."""
    error: Json = {"code": code, "message": message}
    if inner is not None:
        error["innererror"] = {"code": inner}
    return ApiError(Reply(status, {"error": error}, headers or {}))


def arm_refusal(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
) -> ApiError:
    """Build an error of Azure Resource Manager or of a provider behind it."""
    return ApiError(Reply(status, {"error": {"code": code, "message": message}}, headers or {}))


def app_service_refusal(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
) -> ApiError:
    """Build an error from App Service itself: flat, with capitalised keys."""
    body: Json = {
        "Code": code,
        "Message": message,
        "Target": None,
        "Details": [{"Message": message}, {"Code": code}],
        "Innererror": None,
    }
    return ApiError(Reply(status, body, headers or {}))


def graph_refusal(status: int, code: str, message: str) -> ApiError:
    """Build an error of Microsoft Graph."""
    return ApiError(Reply(status, {"error": {"code": code, "message": message, "innerError": {}}}))


def entra_refusal(status: int, error: str, description: str, number: int) -> ApiError:
    """Build an error of the token endpoint; `number` is its AADSTS number."""
    return ApiError(
        Reply(
            status,
            {
                "error": error,
                "error_description": f"AADSTS{number}: {description}",
                "error_codes": [number],
            },
        )
    )


def missing_api_version() -> ApiError:
    """Build ARM's answer to a request that has no `api-version`."""
    return arm_refusal(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )
