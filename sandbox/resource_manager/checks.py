"""Checks on every request to Azure Resource Manager, whatever the provider."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.calls import Call
from sandbox.errors import arm_refusal, missing_api_version
from sandbox.roles import RoleDefinition
from sandbox.state import State
from sandbox.tokens import Caller

RESOURCES = ("https://management.azure.com", "https://management.core.windows.net")


@dataclass(frozen=True, slots=True)
class Authorized:
    """Hold the headers to add to the answer to an authorized request."""

    headers: Mapping[str, str]


def authenticated(state: State, call: Call) -> Caller:
    """Return the caller; refuse a request without a valid token and an `api-version`.

    Tokens are valid for the public cloud's resource or for this origin: a client configured with
    another endpoint asks for tokens for that endpoint.
    """
    caller = state.tokens.read(call.bearer(), (*RESOURCES, call.origin))
    if caller is None:
        raise arm_refusal(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing or invalid.",
            headers={
                "WWW-Authenticate": "Bearer"
                f' authorization_uri="{call.origin}/{state.seed.tenant_id}",'
                ' error="invalid_token"'
            },
        )
    if not call.query.get("api-version"):
        raise missing_api_version()
    return caller


def authorized(
    state: State,
    call: Call,
    caller: Caller,
    action: str,
    scope: str,
    *,
    about_role: RoleDefinition | None = None,
) -> Authorized:
    """Refuse a throttled request, or one that the caller has no permission for."""
    headers = state.throttle.spend(call.method, caller.principal_id, call.now)
    if not state.assignments.permit(caller.principal_id, action, scope, about_role):
        raise arm_refusal(
            403,
            "AuthorizationFailed",
            f"The client '{caller.principal_id}' with object id '{caller.principal_id}' does not"
            f" have authorization to perform action '{action}' over scope '{scope}' or the scope"
            " is invalid. If access was recently granted, please refresh your credentials.",
            headers=headers,
        )
    return Authorized(headers)
