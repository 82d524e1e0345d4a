"""Tokens, and when they are accepted."""

from datetime import timedelta

from sandbox.seed import BOT, TENANT_ID
from sandbox.tokens import Caller, Tokens
from tests.sandbox.conftest import MovableClock

VAULT = "https://vault.azure.net"


def test_a_token_is_accepted_until_it_expires(clock: MovableClock) -> None:
    tokens = Tokens(TENANT_ID, clock, timedelta(hours=1))
    token = tokens.issue(BOT, VAULT).access_token
    clock.advance(minutes=59)
    before = tokens.read(token, (VAULT,))
    clock.advance(minutes=1)

    assert before == Caller(BOT.id, BOT.client_id)
    assert tokens.read(token, (VAULT,)) is None


def test_a_trailing_slash_on_a_resource_makes_no_difference(clock: MovableClock) -> None:
    tokens = Tokens(TENANT_ID, clock)
    token = tokens.issue(BOT, f"{VAULT}/").access_token

    assert tokens.read(token, (VAULT,)) is not None


def test_anything_that_is_not_a_token_is_rejected(clock: MovableClock) -> None:
    tokens = Tokens(TENANT_ID, clock)

    assert [tokens.read(text, (VAULT,)) for text in (None, "", "a.b.c", "é.é.é")] == [None] * 4
