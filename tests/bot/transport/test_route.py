"""A turn: what Teams posts reaches the bot, and the bot's answer reaches Teams."""

from collections.abc import Awaitable, Callable

import pytest
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity, Attachment

from tests.bot.edge import DANA, FakeBot, echo
from tests.support.teams import Fault, Teams, a_channel, a_message, an_execute, an_installation

CARD = "application/vnd.microsoft.card.adaptive"


async def test_a_message_is_answered_in_its_conversation(edge: Teams, bot: FakeBot) -> None:
    bot.act = echo
    message = a_message("help", DANA)

    await edge.deliver(message)

    [reply] = edge.posted_to(DANA)
    assert reply.text == "You said: help"
    assert message["id"] == reply.reply_to
    assert [request.authorization for request in edge.requests] == ["Bearer outgoing-token"]


async def test_a_thread_is_answered_in_the_thread(edge: Teams, bot: FakeBot) -> None:
    bot.act = echo
    thread = a_channel("audit", thread="1700000000000")

    await edge.deliver(a_message("help", DANA, thread))

    assert len(edge.posted_in("19:audit@thread.tacv2;messageid=1700000000000")) == 1


async def test_a_card_is_sent_unchanged(edge: Teams, bot: FakeBot) -> None:
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "body": [{"type": "TextBlock", "text": "Grüße 🎉", "x.y": None, "empty": [], "n": 1.5}],
        "refresh": {"userIds": [DANA.id], "action": {"type": "Action.Execute", "verb": "look"}},
    }

    async def show(context: TurnContext) -> None:
        attachment = Attachment(content_type=CARD, content=card)
        await context.send_activity(Activity(type="message", attachments=[attachment]))

    bot.act = show

    await edge.deliver(a_message("help", DANA))

    [reply] = edge.posted_to(DANA)
    assert card == reply.card


async def test_a_message_is_updated_and_deleted(edge: Teams, bot: FakeBot) -> None:
    async def change(context: TurnContext) -> None:
        sent = await context.send_activity("first")
        await context.update_activity(Activity(type="message", id=sent.id, text="second"))
        await context.delete_activity(sent.id)

    bot.act = change

    await edge.deliver(a_message("help", DANA))

    [reply] = edge.posted_to(DANA)
    assert [earlier["text"] for earlier in reply.earlier] == ["first"]
    assert (reply.text, reply.deleted) == ("second", True)


async def test_the_body_of_an_invoke_response_reaches_teams(edge: Teams, bot: FakeBot) -> None:
    body = {"statusCode": 200, "type": CARD, "value": {"type": "AdaptiveCard", "body": []}}

    async def answer(context: TurnContext) -> None:
        response = InvokeResponse(status=200, body=body)
        await context.send_activity(Activity(type="invokeResponse", value=response))

    bot.act = answer

    assert await edge.deliver(an_execute("approve", {"id": "r1"}, DANA)) == (200, body)


async def test_the_data_of_a_click_arrives_unchanged(edge: Teams, bot: FakeBot) -> None:
    data = {"id": "r1", "minutes": 30, "note": None, "nested": {"list": [1, {"a": "b"}]}}

    await edge.deliver(an_execute("approve", data, DANA))

    [activity] = bot.turns
    assert data == activity.value["action"]["data"]


async def test_an_unanswered_invoke_is_not_implemented(edge: Teams) -> None:
    assert await edge.deliver(an_execute("approve", {}, DANA)) == (501, None)


async def test_an_installation_without_a_persons_message_is_accepted(
    edge: Teams, bot: FakeBot
) -> None:
    installation = an_installation(DANA)
    del installation["from"]["aadObjectId"]

    answer = await edge.deliver(installation)

    assert answer == (200, None)
    assert [activity.action for activity in bot.turns] == ["add"]


async def test_a_handlers_exception_gives_the_user_a_correlation_id_and_logs_the_rest(
    edge: Teams, bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(context: TurnContext) -> None:
        raise RuntimeError("the details")

    bot.act = fail

    answer = await edge.deliver(a_message("help", DANA))

    [apology] = edge.posted_to(DANA)
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert answer == (200, None)
    assert apology.text.endswith("give an admin this correlation ID: id-1")
    assert "the details" not in apology.text
    assert vars(record)["correlation_id"] == "id-1"
    assert "the details" in str(record.exc_info)


async def test_a_failed_click_is_answered_with_a_correlation_id(edge: Teams, bot: FakeBot) -> None:
    async def fail(context: TurnContext) -> None:
        raise RuntimeError("the details")

    bot.act = fail

    status, body = await edge.deliver(an_execute("approve", {}, DANA))

    assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
    assert body["value"].endswith("give an admin this correlation ID: id-1")


async def test_an_apology_that_cannot_be_sent_is_not_a_second_failure(
    edge: Teams, bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.act = echo
    edge.fail(Fault(403, "ForbiddenOperationException"), times=2)

    answer = await edge.deliver(a_message("help", DANA))

    assert answer == (200, None)
    assert "apology not sent" in caplog.text


async def test_an_answer_that_was_lost_is_not_taken_for_a_fault(
    edge: Teams, bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.act = echo
    edge.fail(Fault(502))

    answer = await edge.deliver(a_message("help", DANA))

    [told] = edge.posted_to(DANA)
    assert answer == (200, None)
    assert told.text.startswith("My answer may not have reached you.")
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize("fails", [echo, None])
async def test_a_turn_whose_person_could_be_told_nothing_is_delivered_again(
    edge: Teams, bot: FakeBot, fails: Callable[[TurnContext], Awaitable[object]] | None
) -> None:
    async def fail(context: TurnContext) -> None:
        raise RuntimeError("the details")

    bot.act = fails or fail
    message = a_message("help", DANA)
    edge.fail(Fault(429, retry_after=60), times=2 if fails else 1)

    first = await edge.deliver(message)
    bot.act = echo
    second = await edge.deliver(message)

    assert first == (503, {"error": "the answer could not be sent"})
    assert second == (200, None)
    assert [reply.text for reply in edge.posted_to(DANA)] == ["You said: help"]


async def test_a_click_whose_message_was_lost_is_told_so(edge: Teams, bot: FakeBot) -> None:
    async def say(context: TurnContext) -> None:
        await context.send_activity("hello")

    bot.act = say
    edge.fail(Fault(502))

    answer = await edge.deliver(an_execute("run", {}, DANA))

    assert answer.status == 200
    assert answer.body["value"].startswith("My answer may not have reached you.")
