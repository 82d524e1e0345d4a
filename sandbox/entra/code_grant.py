"""The token endpoint's answer to a code: an ID token that says who signed in, when and how."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from json import dumps
from secrets import token_urlsafe

from sandbox import signing
from sandbox.calls import Call, Json, Reply
from sandbox.entra.clients import Client
from sandbox.errors import ApiError, entra_refusal
from sandbox.seed import User
from sandbox.state import State
from sandbox.stored.sign_ins import CODE_LIFETIME, IssuedCode
from sandbox.tokens import GRAPH

ID_TOKEN_LIFETIME = timedelta(hours=1)


def redeem_code(state: State, call: Call, client: Client, form: Mapping[str, str]) -> Reply:
    """Exchange a code for tokens, once."""
    issued = state.sign_ins.codes.get(form.get("code", ""))
    if issued is None or issued.request.client_id != client.client_id:
        raise _refusal("Provided grant is invalid or malformed.", 70000)
    if issued.redeemed:
        raise _refusal(
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code"
            " or use an existing refresh token.",
            54005,
        )
    if call.now - issued.issued >= CODE_LIFETIME:
        raise _refusal("The provided authorization code or refresh token has expired.", 70008)
    if form.get("redirect_uri") != issued.request.redirect_uri:
        raise entra_refusal(
            400,
            "invalid_client",
            f"The reply address '{form.get('redirect_uri')}' does not match the reply address"
            f" '{issued.request.redirect_uri}' provided when requesting Authorization code.",
            500112,
        )
    if issued.request.challenge not in (None, _challenge(form.get("code_verifier", ""))):
        raise _refusal(
            "The Code_Verifier does not match the code_challenge supplied in the authorization"
            " request.",
            501481,
        )
    issued.redeemed = True
    return _tokens(state, call, client, issued)


def _tokens(state: State, call: Call, client: Client, issued: IssuedCode) -> Reply:
    user = state.directory.users[issued.session.user_id.lower()]
    access = state.tokens.issue(user, GRAPH)
    answer: Json = {
        "token_type": "Bearer",
        "scope": "openid profile",
        "expires_in": int(state.tokens.lifetime.total_seconds()),
        "access_token": access.access_token,
        "id_token": signing.sign(_id_token(state, call, client, issued, user)),
        "client_info": _client_info(state, user),
    }
    if "offline_access" in issued.request.scopes:
        answer["refresh_token"] = token_urlsafe()
    return Reply(200, answer, {"Cache-Control": "no-store"})


def _id_token(state: State, call: Call, client: Client, issued: IssuedCode, user: User) -> Json:
    """Return the claims of a v2.0 ID token, which has no `amr`: only v1.0 tokens do."""
    request, session = issued.request, issued.session
    # Dated by the sandbox's clock, since the app judges it by its own.
    now = int(call.now.timestamp())
    claims: Json = {
        "ver": "2.0",
        "iss": state.issuer,
        "aud": client.client_id,
        "tid": state.seed.tenant_id,
        "oid": user.id,
        "sub": signing.encode(sha256(f"{client.client_id}{user.id}".encode()).digest()),
        "name": user.display_name,
        "preferred_username": user.user_principal_name,
        "iat": now,
        "nbf": now,
        "exp": now + int(ID_TOKEN_LIFETIME.total_seconds()),
    }
    if request.nonce is not None:
        claims["nonce"] = request.nonce
    wanted = {*request.id_token_claims, *client.optional_claims}
    if "auth_time" in wanted or request.max_age is not None:
        claims["auth_time"] = int(session.at.timestamp())
    if request.contexts and session.strong:
        claims["acrs"] = list(request.contexts)
    altered = {**claims, **state.sign_ins.altered_claims}
    return {name: value for name, value in altered.items() if value is not None}


def _client_info(state: State, user: User) -> str:
    """Return the account's ID in the form that MSAL reads."""
    info = dumps({"uid": user.id, "utid": state.seed.tenant_id})
    return signing.encode(info.encode())


def _challenge(verifier: str) -> str:
    return signing.encode(sha256(verifier.encode()).digest())


def _refusal(description: str, number: int) -> ApiError:
    return entra_refusal(400, "invalid_grant", description, number)
