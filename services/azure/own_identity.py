"""The bot's own object ID, which Azure needs to be asked about the bot."""

import json
from base64 import urlsafe_b64decode

from azure.core.credentials_async import AsyncTokenCredential

from services.faults import Unavailable


async def own_object_id(credential: AsyncTokenCredential, token_scope: str) -> str:
    """Return the object ID of the identity that the bot signs in with.

    It is read from the claim ``oid`` of an access token (Microsoft Learn, "Access token claims
    reference"): no service tells it to an identity without rights in the directory. The token isn't
    verified, since nothing is permitted because of it. Raises Unavailable if it has no such claim.
    """
    token = await credential.get_token(token_scope)
    try:
        _, claims, _ = token.token.split(".")
        return str(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"])
    except (ValueError, KeyError, TypeError):
        # Without the cause, which could quote the token.
        raise Unavailable("Entra", "the access token doesn't say whose it is") from None
