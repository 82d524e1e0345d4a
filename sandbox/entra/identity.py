"""The identity endpoint that App Service provides to its apps."""

from sandbox.calls import Call, Reply, route
from sandbox.errors import ApiError
from sandbox.seed import IDENTITY_HEADER
from sandbox.state import State
from sandbox.tokens import EXCHANGE

API_VERSION = "2019-08-01"


def give_token(state: State, call: Call) -> Reply:
    """Issue a token for a managed identity: the bot's, or the one with `client_id`."""
    if call.headers.get("X-IDENTITY-HEADER") != IDENTITY_HEADER:
        raise _refusal(401, "The X-IDENTITY-HEADER is missing or wrong.")
    resource = call.query.get("resource")
    if not resource or call.query.get("api-version") != API_VERSION:
        raise _refusal(400, f"'resource' and 'api-version={API_VERSION}' are required.")
    client_id = call.query.get("client_id")
    if client_id is None:
        principal = state.directory.service_principals.get(state.seed.bot.lower())
    else:
        principal = state.directory.find_by_client_id(client_id)
    if principal is None or not principal.managed_identity:
        raise _refusal(
            400,
            "No User Assigned or Delegated Managed Identity found for specified"
            " ClientId/ResourceId/PrincipalId.",
        )
    token = (
        state.tokens.issue_assertion(principal, state.issuer)
        if resource == EXCHANGE
        else state.tokens.issue(principal, resource)
    )
    return Reply(
        200,
        {
            "access_token": token.access_token,
            "expires_on": str(token.expires_on),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": principal.client_id,
        },
    )


def _refusal(status: int, message: str) -> ApiError:
    return ApiError(Reply(status, {"statusCode": status, "message": message}))


ROUTES = (route("GET", "/msi/token", give_token),)
