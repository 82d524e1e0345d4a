"""The Entra authority: tokens for applications with a secret, and the discovery endpoints."""

from urllib.parse import parse_qs, quote

from sandbox.applications import StoredApplication
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import entra_refusal
from sandbox.seed import ServicePrincipal
from sandbox.state import State
from sandbox.tokens import signing_keys

_DEFAULT_SCOPE = "/.default"


def issue_token(state: State, call: Call, tenant: str) -> Reply:
    """Issue a token to an application with a valid secret (client credentials only)."""
    if tenant.lower() != state.seed.tenant_id.lower():
        raise entra_refusal(400, "invalid_request", f"Tenant '{tenant}' not found.", 90002)
    form = {
        name: values[0] for name, values in parse_qs(call.body.decode(errors="replace")).items()
    }
    if form.get("grant_type") != "client_credentials":
        raise entra_refusal(
            400, "unsupported_grant_type", "The app requested an unsupported grant type.", 70003
        )
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    application = _application(state, client_id)
    if application:
        _require_valid(state, call, application, secret)
        principal = ServicePrincipal(
            application.id, application.display_name, application.client_id
        )
        return _token(state, principal, form.get("scope", ""))
    known = state.directory.find_by_client_id(client_id)
    if known is None or known.managed_identity:
        raise entra_refusal(
            400,
            "unauthorized_client",
            f"Application with identifier '{form.get('client_id')}' was not found in the"
            f" directory '{state.seed.organization}'.",
            700016,
        )
    if secret != known.client_secret:
        raise entra_refusal(401, "invalid_client", "Invalid client secret provided.", 7000215)
    return _token(state, known, form.get("scope", ""))


def _application(state: State, client_id: str) -> StoredApplication | None:
    wanted = client_id.lower()
    return next(
        (one for one in state.applications.values() if one.client_id.lower() == wanted), None
    )


def _require_valid(state: State, call: Call, application: StoredApplication, secret: str) -> None:
    """Refuse a client secret that is unknown, not valid yet or expired."""
    found = next((one for one in application.passwords if one.value == secret), None)
    if found is None or call.now < found.start + state.knobs.client_secret:
        raise entra_refusal(401, "invalid_client", "Invalid client secret provided.", 7000215)
    if found.end <= call.now:
        raise entra_refusal(
            401, "invalid_client", "The provided client secret keys are expired.", 7000222
        )


def _token(state: State, principal: ServicePrincipal, scope: str) -> Reply:
    if not scope.endswith(_DEFAULT_SCOPE):
        raise entra_refusal(
            400, "invalid_scope", f"The provided value for scope {scope} is not valid.", 70011
        )
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
            "issuer": f"{call.origin}/{state.seed.tenant_id}/v2.0",
            "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
            "token_endpoint": f"{authority}/oauth2/v2.0/token",
            "jwks_uri": f"{authority}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
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
