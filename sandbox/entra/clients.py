"""The apps that come to the token endpoint, and how they prove who they are."""

from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox import signing
from sandbox.calls import Call, Json
from sandbox.errors import ApiError, entra_refusal
from sandbox.seed import ServicePrincipal
from sandbox.state import State
from sandbox.stored.applications import StoredApplication
from sandbox.tokens import EXCHANGE_APP_ID

Client: TypeAlias = StoredApplication | ServicePrincipal
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def find_client(state: State, client_id: str) -> Client | None:
    """Return the app with this client ID; a managed identity is none."""
    wanted = client_id.lower()
    for application in state.applications.values():
        if application.client_id.lower() == wanted:
            return application
    principal = state.directory.find_by_client_id(client_id)
    return None if principal is None or principal.managed_identity else principal


def authenticate(state: State, call: Call, form: dict[str, str]) -> Client:
    """Return the app that sent a form; refuse one that is unknown or doesn't prove itself."""
    client = find_client(state, form.get("client_id", ""))
    if client is None:
        raise entra_refusal(
            400,
            "unauthorized_client",
            f"Application with identifier '{form.get('client_id')}' was not found in the"
            f" directory '{state.seed.organization}'.",
            700016,
        )
    if form.get("client_assertion_type") == JWT_BEARER:
        _require_assertion(state, client, form.get("client_assertion", ""))
    elif "client_secret" not in form:
        raise _refusal(
            "The request body must contain the following parameter: 'client_assertion' or"
            " 'client_secret'.",
            7000218,
        )
    elif isinstance(client, StoredApplication):
        _require_password(state, call, client, form["client_secret"])
    elif form["client_secret"] != client.client_secret:
        raise _refusal("Invalid client secret provided.", 7000215)
    return client


def _require_password(
    state: State, call: Call, application: StoredApplication, secret: str
) -> None:
    """Refuse a client secret that is unknown, not valid yet or expired."""
    found = next((one for one in application.passwords if one.value == secret), None)
    if found is None or call.now < found.start + state.knobs.client_secret:
        raise _refusal("Invalid client secret provided.", 7000215)
    if found.end <= call.now:
        raise _refusal("The provided client secret keys are expired.", 7000222)


def _require_assertion(state: State, client: Client, assertion: str) -> None:
    """Refuse an assertion unless the app's own key signed it, or an identity that it trusts."""
    header = signing.header_of(assertion)
    if "x5t" in header or "x5t#S256" in header:
        _require_own_signature(state, client, assertion, header)
    else:
        _require_trusted_identity(state, client, assertion)


def _require_own_signature(state: State, client: Client, assertion: str, header: Json) -> None:
    certificates = client.certificates if isinstance(client, StoredApplication) else ()
    key = next((key for one in certificates if (key := _key_of(one, header))), None)
    claims = signing.claims_signed_by(key, assertion) if key else None
    if claims is None:
        raise _refusal("Client assertion contains an invalid signature.", 700027)
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise _refusal("Client assertion's issuer or subject isn't the application.", 700021)
    token_endpoint = f"{state.authority_url}/{state.seed.tenant_id}/oauth2/v2.0/token"
    if str(claims.get("aud")).lower() != token_endpoint.lower():
        raise _refusal("Client assertion audience claim does not match Realm issuer.", 700023)
    _require_in_time(state, claims)


def _require_trusted_identity(state: State, client: Client, assertion: str) -> None:
    trusted = client.federated if isinstance(client, StoredApplication) else ()
    claims = signing.own_claims(assertion)
    if claims is None or claims.get("iss") != state.issuer:
        raise _unmatched("issuer", 700211)
    if claims.get("aud") != EXCHANGE_APP_ID:
        raise _unmatched("audience", 700212)
    if claims.get("sub") not in trusted:
        raise _unmatched("subject", 700213)
    _require_in_time(state, claims)


def _key_of(certificate: str, header: Json) -> rsa.RSAPublicKey | None:
    """Return a certificate's key if the header names that certificate."""
    read = x509.load_pem_x509_certificate(certificate.encode())
    # By the certificate's SHA-1, or by its SHA-256: RFC 7515, sections 4.1.7 and 4.1.8.
    known = {
        "x5t": signing.encode(read.fingerprint(hashes.SHA1())),  # noqa: S303 - what "x5t" is
        "x5t#S256": signing.encode(read.fingerprint(hashes.SHA256())),
    }
    named = any(str(header.get(name, "")).rstrip("=") == known[name] for name in known)
    key = read.public_key()
    return key if named and isinstance(key, rsa.RSAPublicKey) else None


def _require_in_time(state: State, claims: Json) -> None:
    # Its sender, an SDK, dates it by the machine's clock.
    if claims.get("exp", 0) <= state.tokens.clock().timestamp():
        raise _refusal("Client assertion is not within its valid time range.", 700024)


def _unmatched(what: str, number: int) -> ApiError:
    return _refusal(
        f"No matching federated identity record found for presented assertion {what}.", number
    )


def _refusal(description: str, number: int) -> ApiError:
    return entra_refusal(401, "invalid_client", description, number)
