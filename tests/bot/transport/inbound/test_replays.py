"""One activity is one turn, however often Teams delivers it."""

import asyncio

import pytest
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity

from bot.transport.inbound.replays import RecordedAnswer, Replays
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
    assert len(edge.posted_to(DANA)) == 1


async def test_the_same_click_again_gets_the_same_answer(edge: Teams, bot: FakeBot) -> None:
    async def count(context: TurnContext) -> None:
        response = InvokeResponse(status=200, body={"turn": len(bot.turns)})
        await context.send_activity(Activity(type="invokeResponse", value=response))

    bot.act = count
    click = an_execute("approve", {}, DANA)

    answers = [await edge.deliver(click) for _ in range(2)]

    assert answers == [(200, {"turn": 1})] * 2


class Counted:
    """Answers when released, with its number of calls and a status."""

    def __init__(self, status: int = 200) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self._status = status

    async def answer(self) -> RecordedAnswer:
        self.asked += 1
        await self.may_answer.wait()
        return RecordedAnswer(self._status, str(self.asked))


async def test_the_same_activity_at_once_waits_for_the_one_answer() -> None:
    replays, turn = Replays(), Counted()
    both = asyncio.gather(*(replays.once("a1", turn.answer) for _ in range(2)))
    await asyncio.sleep(0)  # both have started

    turn.may_answer.set()

    assert await both == [RecordedAnswer(200, "1")] * 2


async def test_other_activities_do_not_wait() -> None:
    replays, slow, quick = Replays(), Counted(), Counted()
    quick.may_answer.set()
    waiting = asyncio.create_task(replays.once("a1", slow.answer))

    answer = await replays.once("a2", quick.answer)

    slow.may_answer.set()
    assert answer == RecordedAnswer(200, "1")
    assert await waiting == RecordedAnswer(200, "1")


async def test_a_failure_is_retried() -> None:
    replays, turn = Replays(), Counted(status=501)
    turn.may_answer.set()

    answers = [await replays.once("a1", turn.answer) for _ in range(2)]

    assert answers == [RecordedAnswer(501, "1"), RecordedAnswer(501, "2")]


async def test_an_exception_is_not_kept_as_an_answer() -> None:
    replays, turn = Replays(), Counted()
    turn.may_answer.set()

    async def fail() -> RecordedAnswer:
        raise RuntimeError("the details")

    with pytest.raises(RuntimeError):
        await replays.once("a1", fail)

    assert await replays.once("a1", turn.answer) == RecordedAnswer(200, "1")


async def test_only_the_latest_answers_are_remembered() -> None:
    replays, turn = Replays(), Counted()
    turn.may_answer.set()

    for number in range(600):
        await replays.once(number, turn.answer)

    assert await replays.once(599, turn.answer) == RecordedAnswer(200, "600")
    assert await replays.once(0, turn.answer) == RecordedAnswer(200, "601")
