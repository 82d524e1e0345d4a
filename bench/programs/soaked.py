"""This bot without Teams' rate limits, and with a page that says how many asyncio tasks it has."""

import asyncio

from aiohttp import web

import app
from bench.programs import latchkey
from config import Settings

_make_app = app.make_app


async def _with_tasks(settings: Settings) -> web.Application:
    served = await _make_app(settings)
    served.router.add_get("/tasks", _tasks)
    return served


async def _tasks(_: web.Request) -> web.Response:
    return web.json_response(len(asyncio.all_tasks()))


def main() -> None:
    app.make_app = _with_tasks
    latchkey.main()


if __name__ == "__main__":
    main()
