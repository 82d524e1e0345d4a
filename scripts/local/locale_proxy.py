"""Pass a Playground's messages on to the bot as from somebody whose Teams is in another language.

The Playground itself always says that its clicks come from ``en-US``.
Runs inside ``.venv``: ``python -m scripts.local.locale_proxy PORT LOCALE URL``.
"""

import sys
from collections.abc import AsyncIterator

from aiohttp import ClientSession, web

_PASSED_ON = ("Authorization", "Content-Type")


def application(locale: str, url: str) -> web.Application:
    """Return a server that passes activities on to ``url`` with a locale."""
    app = web.Application()

    async def sessions(_: web.Application) -> AsyncIterator[None]:
        async with ClientSession() as session:
            app[_SESSION] = session
            yield

    async def pass_on(request: web.Request) -> web.Response:
        activity = await request.json()
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        body = {**activity, "locale": locale}
        async with request.app[_SESSION].post(url, json=body, headers=headers) as answer:
            return web.Response(
                status=answer.status,
                body=await answer.read(),
                content_type=answer.content_type,
            )

    app.cleanup_ctx.append(sessions)
    app.router.add_post("/{path:.*}", pass_on)
    return app


_SESSION = web.AppKey("session", ClientSession)


def main(port: str, locale: str, url: str) -> None:
    """Serve on a port of this machine until stopped."""
    web.run_app(application(locale, url), host="127.0.0.1", port=int(port), print=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
