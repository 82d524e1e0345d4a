"""One access token serves all sends, and is renewed before it expires."""

import asyncio
from dataclasses import dataclass

import pytest

from bot.transport.outbound.tokens import ConnectorTokens, TokenUnavailable
from tests.bot.edge import Clock


@dataclass
class Token:
    token: str
    expires_on: int


class FakeEntra:
    """Gives tokens for an hour, numbered; or none."""

    def __init__(self, clock: Clock) -> None:
        self.asked = 0
        self.down = False
        self._clock = clock

    async def fetch(self) -> Token:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise ConnectionError("Entra is down")
        return Token(f"token-{self.asked}", int(self._clock().timestamp()) + 3600)


@pytest.fixture
def entra(clock: Clock) -> FakeEntra:
    return FakeEntra(clock)


@pytest.fixture
def tokens(entra: FakeEntra, clock: Clock) -> ConnectorTokens:
    return ConnectorTokens(entra.fetch, clock)


async def test_many_sends_at_once_ask_for_one_token(
    tokens: ConnectorTokens, entra: FakeEntra
) -> None:
    given = await asyncio.gather(*(tokens.get_token() for _ in range(20)))

    assert set(given) == {"token-1"}
    assert entra.asked == 1


async def test_a_token_is_renewed_five_minutes_before_it_ends(
    tokens: ConnectorTokens, clock: Clock
) -> None:
    await tokens.get_token()

    clock.advance(minutes=54)
    before = await tokens.get_token()
    clock.advance(minutes=1)
    after = await tokens.get_token()

    assert (before, after) == ("token-1", "token-2")


async def test_while_entra_is_down_a_token_is_used_until_it_expires(
    tokens: ConnectorTokens, entra: FakeEntra, clock: Clock
) -> None:
    await tokens.get_token()
    entra.down = True

    clock.advance(minutes=57)
    held = [await tokens.get_token() for _ in range(10)]
    clock.advance(minutes=3)
    with pytest.raises(TokenUnavailable):
        await tokens.get_token()

    assert set(held) == {"token-1"}
    assert entra.asked == 3  # once for the ten, and not on every send


async def test_a_recovered_entra_is_noticed(
    tokens: ConnectorTokens, entra: FakeEntra, clock: Clock
) -> None:
    entra.down = True
    with pytest.raises(TokenUnavailable):
        await tokens.get_token()

    entra.down = False

    assert await tokens.get_token() == "token-2"
