"""What `app.py` does beside constructing the bot."""

import gc
from collections.abc import Iterator

import pytest
from aiohttp import web

import app
from config import Settings


@pytest.fixture
def no_collection() -> Iterator[None]:
    """As while `app.py` imports everything; afterwards as before."""
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("no_collection")
async def test_garbage_is_looked_for_once_the_bot_exists_and_only_in_what_comes_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def made(_: Settings) -> web.Application:
        return web.Application()

    monkeypatch.setattr(app, "make_app", made)

    await app._make_app_to_stay(Settings.model_construct())

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
