"""Access tokens, signed so that a forged one is refused."""

from dataclasses import dataclass
from datetime import timedelta

from sandbox import signing
from sandbox.calls import Clock, Json
from sandbox.seed import ServicePrincipal, User

GRAPH = "https://graph.microsoft.com"

EXCHANGE = "api://AzureADTokenExchange"
"""The resource of tokens with which a managed identity proves itself to Entra."""

EXCHANGE_APP_ID = "fb60f99c-7a34-4190-8149-302f77469936"
"""Its app ID, the audience of these tokens: they are v2.0 tokens, which name no URI."""


@dataclass(frozen=True, slots=True)
class Token:
    """Hold an issued token; `expires_on` counts seconds since the epoch."""

    access_token: str
    expires_on: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Hold the principal of a verified token."""

    principal_id: str
    app_id: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issue and read one tenant's tokens.

    `clock` dates them. Clients judge expiry by the machine's clock, so this is the real one even
    if the rest of the sandbox follows a clock that a test advances.
    """

    tenant_id: str
    clock: Clock
    lifetime: timedelta = timedelta(hours=24)

    def issue(self, principal: User | ServicePrincipal, resource: str) -> Token:
        """Issue a token for a principal, valid for one resource."""
        claims: Json = {
            "aud": resource.rstrip("/"),
            "iss": f"https://sts.windows.net/{self.tenant_id}/",
            "oid": principal.id,
            "sub": principal.id,
            "tid": self.tenant_id,
            "ver": "1.0",
        }
        if isinstance(principal, User):
            claims |= {"upn": principal.user_principal_name, "name": principal.display_name}
        else:
            claims |= {"appid": principal.client_id, "idtyp": "app"}
            if resource.rstrip("/") == GRAPH and principal.graph_permissions:
                claims["roles"] = list(principal.graph_permissions)
        return self._signed(claims)

    def issue_assertion(self, identity: ServicePrincipal, issuer: str) -> Token:
        """Issue a managed identity's token for the exchange, which is a v2.0 token."""
        claims: Json = {
            "aud": EXCHANGE_APP_ID,
            "iss": issuer,
            "azp": identity.client_id,
            "oid": identity.id,
            "sub": identity.id,
            "tid": self.tenant_id,
            "idtyp": "app",
            "ver": "2.0",
        }
        return self._signed(claims)

    def read(self, token: str | None, audiences: tuple[str, ...]) -> Caller | None:
        """Return a token's caller, or None unless it is ours, not expired and meant for us."""
        claims = signing.own_claims(token or "")
        if claims is None or claims["exp"] <= self.clock().timestamp():
            return None
        if claims["aud"] not in {audience.rstrip("/") for audience in audiences}:
            return None
        return Caller(claims["oid"], claims.get("appid", ""))

    def principal_of(self, token: str | None) -> str | None:
        """Return the object ID in one of our tokens, whatever resource it is for."""
        claims = signing.own_claims(token or "")
        return str(claims["oid"]) if claims else None

    def _signed(self, claims: Json) -> Token:
        now = int(self.clock().timestamp())
        expires = now + int(self.lifetime.total_seconds())
        return Token(signing.sign({**claims, "iat": now, "nbf": now, "exp": expires}), expires)
