"""No bot at all: a handler that reads an activity and posts one, as cheaply as possible."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

_HEADERS = {"Authorization": f"Bearer {'x' * 1_500}"}
_SESSION = web.AppKey("session", aiohttp.ClientSession)


async def answer(request: web.Request) -> web.Response:
    """Answer a message with one outbound POST."""
    activity = await request.json()
    conversation = activity["conversation"]["id"]
    url = f"{activity['serviceUrl']}v3/conversations/{conversation}/activities/{activity['id']}"
    reply = {"type": "message", "text": f"You said: {activity['text']}"}
    async with request.app[_SESSION].post(url, json=reply, headers=_HEADERS) as posted:
        await posted.read()
    return web.Response()


async def session(app: web.Application) -> AsyncIterator[None]:
    """Keep one connection pool."""
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
    async with aiohttp.ClientSession(connector=connector) as app[_SESSION]:
        yield


def main(loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Serve, on one of asyncio's event loops unless another is given."""
    app = web.Application()
    app.cleanup_ctx.append(session)
    app.router.add_post("/api/messages", answer)
    host, port = os.environ["HOST"], int(os.environ["PORT"])
    web.run_app(app, host=host, port=port, access_log=None, loop=loop)


if __name__ == "__main__":
    main()
