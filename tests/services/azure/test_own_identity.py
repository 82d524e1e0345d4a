"""The bot's own object ID, from its access token."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential

from sandbox.seed import BOT
from services.azure.own_identity import own_object_id
from services.faults import Unavailable
from tests.support.sandbox import Sandbox


class _Fixed(AsyncTokenCredential):
    """A credential that has one token."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self._token, 0)

    async def close(self) -> None:
        """Do nothing."""

    async def __aexit__(self, *_: object) -> None:
        """Do nothing."""


async def test_it_is_in_the_access_token(sandbox: Sandbox) -> None:
    scope = f"{sandbox.base_url}/.default"

    assert await own_object_id(sandbox.credential(BOT.id), scope) == BOT.id


@pytest.mark.parametrize(
    "token", ["opaque", "a.b", "a.b.c", "a.ä.c", f"a.{urlsafe_b64encode(b'[1]').decode()}.c"]
)
async def test_a_token_that_cannot_be_read_is_not_quoted(token: str) -> None:
    with pytest.raises(Unavailable) as raised:
        await own_object_id(_Fixed(token), "scope")

    assert token not in str(raised.value)
    assert raised.value.__cause__ is None
