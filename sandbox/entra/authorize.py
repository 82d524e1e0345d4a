"""Entra's sign-in for people: a page in the browser, and a code for the app."""

from http.cookies import SimpleCookie

from sandbox.authorization_request import (
    AuthorizationRequest,
    RequestError,
    answer,
    is_registered,
    read_request,
)
from sandbox.calls import Call, Reply, route
from sandbox.entra.clients import find_client
from sandbox.entra.sign_in_page import error_page, sign_in_page
from sandbox.errors import ApiError
from sandbox.seed import User
from sandbox.state import State
from sandbox.stored.sign_ins import Session

COOKIE = "sandbox_session"


def show_sign_in(state: State, call: Call, tenant: str) -> Reply:
    """Show the page, or return a code if the browser has a session that is good enough."""
    request = _read(state, call, tenant)
    session = _session(state, call)
    if session and _is_hinted(state, session, request) and session.satisfies(request, call.now):
        return _to_app(_with_code(state, call, request, session))
    if request.prompt == "none":
        refusal = _refusal("login_required", "Session information isn't sufficient.", 50058)
        return _to_app(request.answer(**refusal))
    return _page(state, request)


def sign_in(state: State, call: Call, tenant: str) -> Reply:
    """Sign a person in, and return to the app with a code."""
    request = _read(state, call, tenant)
    form = call.form()
    user = state.directory.users.get(form.get("person", "").lower())
    if user is None:
        return _page(state, request, "Choose who is signing in.")
    if not user.account_enabled:
        return _page(state, request, "AADSTS50057: The user account is disabled.")
    session = Session(user.id, call.now, strong=form.get("strength") == "strong")
    cookie = state.sign_ins.begin(session)
    headers = {"Set-Cookie": f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax"}
    return _to_app(_with_code(state, call, request, session), headers)


def _read(state: State, call: Call, tenant: str) -> AuthorizationRequest:
    """Read the request; an error goes to the app only if the app and its address are known."""
    if tenant.lower() != state.seed.tenant_id.lower():
        raise _on_page(state, f"Tenant '{tenant}' not found.", 90002)
    given = call.query
    client = find_client(state, given.get("client_id", ""))
    if client is None:
        raise _on_page(
            state,
            f"Application with identifier '{given.get('client_id', '')}' was not found in the"
            f" directory '{state.seed.organization}'.",
            700016,
        )
    redirect_uri = given.get("redirect_uri", "")
    if not is_registered(redirect_uri, client.redirect_uris):
        raise _on_page(
            state,
            f"The redirect URI '{redirect_uri}' specified in the request does not match the"
            f" redirect URIs configured for the application '{client.client_id}'.",
            50011,
        )
    try:
        return read_request(given, client.client_id)
    except RequestError as error:
        refusal = _refusal(error.error, str(error), error.number)
        raise ApiError(_to_app(answer(redirect_uri, given.get("state"), **refusal))) from error


def _session(state: State, call: Call) -> Session | None:
    cookie = SimpleCookie(call.headers.get("Cookie", "")).get(COOKIE)
    return state.sign_ins.sessions.get(cookie.value) if cookie else None


def _is_hinted(state: State, session: Session, request: AuthorizationRequest) -> bool:
    hinted = _hinted(state, request)
    return hinted is None or hinted.id == session.user_id


def _hinted(state: State, request: AuthorizationRequest) -> User | None:
    hint = (request.login_hint or "").lower()
    users = state.directory.users.values()
    return next((one for one in users if hint and one.user_principal_name.lower() == hint), None)


def _with_code(state: State, call: Call, request: AuthorizationRequest, session: Session) -> str:
    return request.answer(code=state.sign_ins.issue_code(request, session, call.now))


def _page(state: State, request: AuthorizationRequest, problem: str = "") -> Reply:
    client = find_client(state, request.client_id)
    hinted = _hinted(state, request)
    return _html(
        200,
        sign_in_page(
            app=client.display_name if client else request.client_id,
            organization=state.seed.organization,
            users=tuple(state.directory.users.values()),
            chosen=hinted.id if hinted else "",
            contexts=request.contexts,
            cancel=request.answer(error="access_denied", error_subcode="cancel"),
            problem=problem,
        ),
    )


def _refusal(error: str, description: str, number: int) -> dict[str, str]:
    return {"error": error, "error_description": f"AADSTS{number}: {description}"}


def _on_page(state: State, description: str, number: int) -> ApiError:
    """Build an error that stays at Entra: the address that it would be sent to isn't trusted."""
    return ApiError(
        _html(400, error_page(state.seed.organization, f"AADSTS{number}: {description}"))
    )


def _html(status: int, text: str) -> Reply:
    return Reply(status, text, {"Cache-Control": "no-store"}, "text/html")


def _to_app(address: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(302, None, {"Location": address, "Cache-Control": "no-store", **(headers or {})})


_PATH = "/(?P<tenant>[^/]+)/oauth2/v2.0/authorize"

ROUTES = (
    route("GET", _PATH, show_sign_in),
    route("POST", _PATH, sign_in),
)
