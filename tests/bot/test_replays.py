"""One activity is one turn, however often Teams delivers it."""

import asyncio

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity

from tests.bot.edge import DANA, FakeBot, echo
from tests.support.teams import Teams, a_message, an_edit, an_execute


async def test_an_edit_arrives_as_an_edit(edge: Teams, bot: FakeBot) -> None:
    message = a_message("help", DANA)

    await edge.deliver(message)
    await edge.deliver(an_edit(message, "rotate app-api-key"))

    assert [activity.type for activity in bot.turns] == ["message", "messageUpdate"]


async def test_the_same_message_again_has_no_second_effect(edge: Teams, bot: FakeBot) -> None:
    bot.act = echo
    message = a_message("help", DANA)

    answers = [await edge.deliver(message) for _ in range(3)]

    assert answers == [(200, None)] * 3
    assert len(edge.said_to(DANA)) == 1


async def test_the_same_click_again_gets_the_same_answer(edge: Teams, bot: FakeBot) -> None:
    async def count(context: TurnContext) -> None:
        response = InvokeResponse(status=200, body={"turn": len(bot.turns)})
        await context.send_activity(Activity(type="invokeResponse", value=response))

    bot.act = count
    click = an_execute("approve", {}, DANA)

    answers = [await edge.deliver(click) for _ in range(2)]

    assert answers == [(200, {"turn": 1})] * 2


async def test_the_same_message_at_once_waits_for_the_one_answer(edge: Teams, bot: FakeBot) -> None:
    reached, go = asyncio.Event(), asyncio.Event()

    async def wait(context: TurnContext) -> None:
        reached.set()
        await go.wait()
        await echo(context)

    bot.act = wait
    message = a_message("help", DANA)

    first = asyncio.create_task(edge.deliver(message))
    await reached.wait()
    second = asyncio.create_task(edge.deliver(message))
    await asyncio.sleep(0)
    go.set()

    assert [await first, await second] == [(200, None)] * 2
    assert len(edge.said_to(DANA)) == 1
