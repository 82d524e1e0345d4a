"""What the bot's access token says about it."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential

from sandbox.seed import BOT
from services.azure.calls.own_identity import OwnIdentity, own_identity
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


async def test_it_says_who_the_bot_is(sandbox: Sandbox) -> None:
    scope = f"{sandbox.base_url}/.default"

    assert await own_identity(sandbox.credential(BOT.id), scope) == OwnIdentity(BOT.id)


async def test_for_microsoft_graph_it_has_the_bots_permissions(sandbox: Sandbox) -> None:
    found = await own_identity(sandbox.credential(BOT.id), "https://graph.microsoft.com/.default")

    assert found == OwnIdentity(BOT.id, frozenset(BOT.graph_permissions))


@pytest.mark.parametrize(
    "token", ["opaque", "a.b", "a.b.c", "a.ä.c", f"a.{urlsafe_b64encode(b'[1]').decode()}.c"]
)
async def test_a_token_that_cannot_be_read_is_not_quoted(token: str) -> None:
    with pytest.raises(Unavailable) as raised:
        await own_identity(_Fixed(token), "scope")

    assert token not in str(raised.value)
    assert raised.value.__cause__ is None
