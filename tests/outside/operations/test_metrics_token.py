"""With METRICS_TOKEN, the operators' pages keep their contents to whoever has the token."""

import logging
from collections.abc import Mapping

import aiohttp
import pytest

from tests.outside.scenarios import refusing
from tests.support.latchkey import Latchkey

TOKEN = "a-token-for-the-tests-0123456789abcdef"

pytestmark = pytest.mark.in_memory


@pytest.fixture
async def guarded(latchkey: Latchkey) -> Latchkey:
    await latchkey.restart(METRICS_TOKEN=TOKEN)
    return latchkey


async def headers_of(bot: Latchkey, path: str, **sent: str) -> tuple[int, Mapping[str, str]]:
    """Return the status and the headers of a page."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{bot.url}{path}", headers=sent) as response,
    ):
        return response.status, response.headers


async def test_only_the_token_opens_the_metrics(guarded: Latchkey) -> None:
    status, body = await guarded.get("/metrics", f"Bearer {TOKEN}")
    refused = [
        await headers_of(guarded, "/metrics", **sent)
        for sent in (
            {},
            {"Authorization": TOKEN},
            {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": f"Bearer {TOKEN[:-1]}"},
            {"Authorization": f"Bearer {TOKEN}x"},
            {"Authorization": "Bearer "},
            {"Authorization": "Bearer ä"},
        )
    ]

    assert status == 200
    assert "target_info" in body
    assert {code for code, _ in refused} == {401}
    assert {headers["WWW-Authenticate"] for _, headers in refused} == {"Bearer"}


async def test_whoever_has_no_token_sees_whether_it_is_ready_but_not_why(
    guarded: Latchkey,
) -> None:
    guarded.sandbox.break_next(refusing("GET", "/secrets/"))

    probed = await guarded.get("/readyz")
    guessed, _ = await guarded.get("/readyz", "Bearer a guess")
    status, body = await guarded.get("/readyz", f"bearer {TOKEN}")
    assert probed == (503, '{"status": "not ready"}')
    assert guessed == 401
    assert status == 503
    assert '"reasons": ["Key Vault: check failed (NotPermitted)"]' in body


async def test_probes_need_no_token(guarded: Latchkey) -> None:
    assert await guarded.get("/healthz") == (200, '{"status": "alive"}')
    assert await guarded.get("/readyz") == (200, '{"status": "ready"}')


async def test_the_token_is_in_no_log_and_no_answer(
    guarded: Latchkey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for path in ("/healthz", "/readyz", "/metrics"):
        for sent in (f"Bearer {TOKEN}", f"Bearer {TOKEN}, but not quite"):
            assert TOKEN not in (await guarded.get(path, sent))[1]

    assert TOKEN not in caplog.text
