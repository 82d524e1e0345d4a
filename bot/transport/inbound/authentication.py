"""Accept requests only from Teams, from our tenants, and from senders with an Entra object id."""

import re
from dataclasses import dataclass

from botframework.connector.auth import (
    AuthenticateRequestResult,
    AuthenticationConstants,
    ClaimsIdentity,
    ConnectorFactory,
)

from bot.transport.inbound.bearer import Bearer, BearerTokens
from bot.transport.inbound.rejections import (
    ChannelRefused,
    SenderRefused,
    ServiceUrlRefused,
    TenantRefused,
    TokenRefused,
)
from bot.transport.inbound.shape import Json
from bot.transport.service_urls import ServiceUrls

CHANNEL = "msteams"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_SENT_BY_PEOPLE = frozenset({"message", "invoke"})


@dataclass(frozen=True)
class ActivityRules:
    """Rules for every activity, whatever its token says.

    `tenants` are lower-case tenant ids; None allows any tenant, and is for local mode only.
    """

    service_urls: ServiceUrls
    tenants: frozenset[str] | None

    def __post_init__(self) -> None:
        """Reject rules that would let everyone in."""
        if self.tenants is None and not self.service_urls.local:
            raise ValueError("tenants are required outside local mode")


def check_activity(activity: Json, rules: ActivityRules) -> None:
    """Raise the rejection that applies to a well-formed activity, if any.

    The tenant is read from `channelData.tenant.id`; the SDK drops `conversation.tenantId`.
    """
    if activity.get("channelId") != CHANNEL:
        raise ChannelRefused("the channel is not Microsoft Teams")
    if not rules.service_urls.allow(activity.get("serviceUrl") or ""):
        raise ServiceUrlRefused("the serviceUrl is not a Teams endpoint")
    tenant = ((activity.get("channelData") or {}).get("tenant") or {}).get("id") or ""
    if rules.tenants is not None and tenant.lower() not in rules.tenants:
        raise TenantRefused("the tenant is not served here")
    object_id = activity["from"].get("aadObjectId") or ""
    if activity["type"] in _SENT_BY_PEOPLE and not _GUID.fullmatch(object_id):
        raise SenderRefused("the sender has no Entra object id")


def check_bearer(activity: Json, bearer: Bearer) -> None:
    """Raise `TokenRefused` unless the token was issued for this activity's channel and service."""
    claimed = bearer.claims.get(AuthenticationConstants.SERVICE_URL_CLAIM)
    if not claimed or claimed != activity.get("serviceUrl"):
        raise TokenRefused("the token is for another serviceUrl")
    if activity.get("channelId") not in bearer.key.endorsements:
        raise TokenRefused("the token's key is not endorsed for this channel")


class Gate:
    """Authenticate an activity, or raise a rejection.

    Without `tokens` (local mode) no token is required, and the rules limit callers to the
    loopback interface instead; everything else is the same.
    """

    def __init__(
        self,
        rules: ActivityRules,
        tokens: BearerTokens | None,
        connectors: ConnectorFactory,
        app_id: str,
    ) -> None:
        if tokens is None and not rules.service_urls.local:
            raise ValueError("token verification is required outside local mode")
        self._rules = rules
        self._tokens = tokens
        self._connectors = connectors
        self._app_id = app_id

    async def identify(self, authorization: str | None) -> Bearer | None:
        """Verify the `Authorization` header, before reading the body."""
        return await self._tokens.verify(authorization) if self._tokens else None

    def admit(self, activity: Json, bearer: Bearer | None) -> AuthenticateRequestResult:
        """Check a well-formed activity; the result is for `process_activity`."""
        check_activity(activity, self._rules)
        if bearer is not None:
            check_bearer(activity, bearer)
        result = AuthenticateRequestResult()
        result.claims_identity = ClaimsIdentity(
            {AuthenticationConstants.AUDIENCE_CLAIM: self._app_id}, is_authenticated=True
        )
        result.connector_factory = self._connectors
        return result
