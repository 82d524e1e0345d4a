"""The Entra authority: tokens for apps, and the discovery endpoints."""

from urllib.parse import quote

from sandbox.calls import Call, Json, Reply, route
from sandbox.entra.clients import Client, authenticate
from sandbox.entra.code_grant import redeem_code
from sandbox.errors import entra_refusal
from sandbox.seed import ServicePrincipal
from sandbox.signing import signing_keys
from sandbox.state import State

_DEFAULT_SCOPE = "/.default"


def issue_token(state: State, call: Call, tenant: str) -> Reply:
    """Issue tokens to an app that proves itself: for itself, or for a person's code."""
    if tenant.lower() != state.seed.tenant_id.lower():
        raise entra_refusal(400, "invalid_request", f"Tenant '{tenant}' not found.", 90002)
    form = call.form()
    grant = form.get("grant_type")
    if grant not in ("client_credentials", "authorization_code"):
        raise entra_refusal(
            400, "unsupported_grant_type", "The app requested an unsupported grant type.", 70003
        )
    client = authenticate(state, call, form)
    if grant == "authorization_code":
        return redeem_code(state, call, client, form)
    return _token(state, client, form.get("scope", ""))


def _token(state: State, client: Client, scope: str) -> Reply:
    if not scope.endswith(_DEFAULT_SCOPE):
        raise entra_refusal(
            400, "invalid_scope", f"The provided value for scope {scope} is not valid.", 70011
        )
    principal = ServicePrincipal(client.id, client.display_name, client.client_id)
    token = state.tokens.issue(principal, scope.removesuffix(_DEFAULT_SCOPE))
    return Reply(
        200,
        {
            "token_type": "Bearer",
            "expires_in": int(state.tokens.lifetime.total_seconds()),
            "access_token": token.access_token,
        },
    )


def get_configuration(state: State, call: Call, tenant: str) -> Reply:
    """Return the OpenID configuration."""
    authority = f"{call.origin}/{quote(tenant)}"
    return Reply(
        200,
        {
            "issuer": state.issuer,
            "authorization_endpoint": f"{state.sign_in_url}/{quote(tenant)}/oauth2/v2.0/authorize",
            "token_endpoint": f"{authority}/oauth2/v2.0/token",
            "jwks_uri": f"{authority}/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "scopes_supported": ["openid", "profile", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        },
    )


def get_keys(state: State, call: Call, tenant: str) -> Reply:  # noqa: ARG001 - a handler's shape
    """Return the token signing keys."""
    return Reply(200, signing_keys())


def discover_instance(state: State, call: Call) -> Reply:
    """Confirm that this authority is known."""
    host = call.origin.partition("//")[2]
    body: Json = {
        "tenant_discovery_endpoint": f"{call.origin}/{state.seed.tenant_id}/v2.0"
        "/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {"preferred_network": host, "preferred_cache": host, "aliases": [host]},
        ],
    }
    return Reply(200, body)


_TENANT = "/(?P<tenant>[^/]+)"

ROUTES = (
    route("GET", "/common/discovery/instance", discover_instance),
    route("POST", f"{_TENANT}/oauth2/v2.0/token", issue_token),
    route("GET", rf"{_TENANT}/v2\.0/\.well-known/openid-configuration", get_configuration),
    route("GET", f"{_TENANT}/discovery/v2.0/keys", get_keys),
)
