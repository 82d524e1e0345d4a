"""What the bot's own access token says about it."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass

from azure.core.credentials_async import AsyncTokenCredential

from services.faults import Unavailable


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """The bot's object ID, and its permissions in the service that the token is for."""

    object_id: str
    permissions: frozenset[str] = frozenset()


async def own_identity(credential: AsyncTokenCredential, token_scope: str) -> OwnIdentity:
    """Return the identity that the bot signs in with, from an access token for a service.

    No service tells it to an identity without rights in the directory. The token isn't verified,
    since nothing is permitted because of it. Source: Microsoft Learn, "Access token claims
    reference", ``oid`` and ``roles``. Raises Unavailable if the token can't be read.
    """
    token = await credential.get_token(token_scope)
    try:
        _, payload, _ = token.token.split(".")
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return OwnIdentity(str(claims["oid"]), frozenset(claims.get("roles") or ()))
    except (ValueError, KeyError, TypeError):
        # Without the cause, which could quote the token.
        raise Unavailable("Entra", "the access token doesn't say whose it is") from None
