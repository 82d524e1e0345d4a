"""A Playground's messages, as from somebody whose Teams is in another language."""

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from scripts.local.locale_proxy import application


async def test_an_activity_is_passed_on_in_another_locale_and_answered() -> None:
    received = []

    async def messages(request: web.Request) -> web.Response:
        received.append((request.headers.get("Authorization"), await request.json()))
        return web.json_response({"statusCode": 200}, status=202)

    bot = web.Application()
    bot.router.add_post("/api/messages", messages)
    async with TestServer(bot) as behind:
        proxy = application("de-DE", str(behind.make_url("/api/messages")))
        async with TestClient(TestServer(proxy)) as client:
            activity = {"type": "invoke", "locale": "en-US"}
            answer = await client.post(
                "/api/messages", json=activity, headers={"Authorization": "Bearer one"}
            )
            said = await answer.json()

    assert received == [("Bearer one", {"type": "invoke", "locale": "de-DE"})]
    assert (answer.status, said) == (202, {"statusCode": 200})
