"""People's sign-ins: their sessions in a browser, and the codes that apps redeem for tokens."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sandbox.authorization_request import AuthorizationRequest
from sandbox.calls import Json

CODE_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Session:
    """Hold who signed in, when, and whether with a second factor (`strong`)."""

    user_id: str
    at: datetime
    strong: bool

    def satisfies(self, request: AuthorizationRequest, now: datetime) -> bool:
        """Tell whether an app can have a code without a new sign-in."""
        if request.prompt == "login" or (request.contexts and not self.strong):
            return False
        return request.max_age is None or now - self.at <= request.max_age


@dataclass(slots=True)
class IssuedCode:
    """Hold what a code was issued for; it can be redeemed once."""

    request: AuthorizationRequest
    session: Session
    issued: datetime
    redeemed: bool = False


@dataclass(slots=True)
class StoredSignIns:
    """Hold the sessions by cookie, and the codes.

    `altered_claims` replace those of every ID token; None removes a claim.
    """

    sessions: dict[str, Session] = field(default_factory=dict)
    codes: dict[str, IssuedCode] = field(default_factory=dict)
    altered_claims: Json = field(default_factory=dict)

    def begin(self, session: Session) -> str:
        """Keep a session and return its cookie."""
        cookie = token_urlsafe()
        self.sessions[cookie] = session
        return cookie

    def issue_code(self, request: AuthorizationRequest, session: Session, now: datetime) -> str:
        """Return a new code."""
        code = token_urlsafe(48)
        self.codes[code] = IssuedCode(request, session, now)
        return code
