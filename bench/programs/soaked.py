"""This bot without Teams' rate limits, and with a page that says what it holds."""

import asyncio
import sys

from aiohttp import web

import app
from bench.programs import latchkey
from config import Settings

_make_app = app.make_app


async def _with_holdings(settings: Settings) -> web.Application:
    served = await _make_app(settings)
    served.router.add_get("/holdings", _holdings)
    return served


async def _holdings(_: web.Request) -> web.Response:
    return web.json_response(
        {"tasks": len(asyncio.all_tasks()), "blocks": sys.getallocatedblocks()}
    )


def main() -> None:
    app.make_app = _with_holdings
    latchkey.main()


if __name__ == "__main__":
    main()
