"""The list of secrets, and requesting one from it."""

import json

import pytest

from sandbox.seed import DEMO_API_KEY
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.reading import buttons
from tests.support.teams import Json, a_channel, an_execute

pytestmark = pytest.mark.in_memory

SEND = "Send for approval"
MANY = [DEMO_API_KEY, *(f"key-{number}" for number in range(23))]


async def _send(bot: Latchkey, verb: str, data: Json) -> str:
    """Send a click that no card offered; return the answer's text."""
    return str((await bot.deliver(an_execute(verb, data, DANA))).body["value"])


async def test_a_secret_is_requested_with_two_clicks(latchkey: Latchkey) -> None:
    await latchkey.restart(ALLOWED_SECRETS=json.dumps([DEMO_API_KEY]))
    listed = await latchkey.say(DANA, "secrets")

    form = await latchkey.click(DANA, listed, "Request")
    card = await latchkey.click(DANA, form, SEND, justification="smoke test", duration="1h")
    await latchkey.tick()

    assert "demo-api-key" in form.words
    assert card.status == "Sent for approval"
    assert (latchkey.card_of(DANA).id, latchkey.card_of(AVERY).status) == (
        listed.id,
        "Waiting for approval",
    )


async def test_another_click_on_the_same_list_makes_another_request(latchkey: Latchkey) -> None:
    await latchkey.restart(ALLOWED_SECRETS=json.dumps([DEMO_API_KEY]))
    listed = await latchkey.say(DANA, "secrets")

    for _ in range(2):
        form = await latchkey.click(DANA, listed, "Request")
        await latchkey.click(DANA, form, SEND, justification="smoke test", duration="1h")

    assert (await latchkey.say(DANA, "my access")).status == "2 waiting for approval"


async def test_a_form_opened_by_a_click_delivered_twice_makes_one_request(
    latchkey: Latchkey,
) -> None:
    click = an_execute("secrets.request", {"secret": DEMO_API_KEY}, DANA)
    first = await latchkey.deliver(click)
    again = await latchkey.deliver(click)

    assert again.body == first.body


async def test_a_long_list_has_pages(latchkey: Latchkey) -> None:
    await latchkey.restart(ALLOWED_SECRETS=json.dumps(MANY))
    first = await latchkey.say(DANA, "secrets")
    second = await latchkey.click(DANA, first, "Next page")
    third = await latchkey.click(DANA, second, "Next page")
    back = await latchkey.click(DANA, third, "First page")

    seen = [page.words.count("Up to 4 hours") for page in (first, second, third)]
    assert seen == [10, 10, 4]
    assert [page.buttons for page in (first, second, third)] == [
        {"Request", "Next page"},
        {"Request", "First page", "Next page"},
        {"Request", "First page"},
    ]
    assert back.words == first.words


async def test_a_page_that_is_gone_shows_the_first_one(latchkey: Latchkey) -> None:
    await latchkey.restart(ALLOWED_SECRETS=json.dumps(MANY))
    first = await latchkey.say(DANA, "secrets")
    second = await latchkey.click(DANA, first, "Next page")
    await latchkey.restart(ALLOWED_SECRETS=json.dumps(MANY[:5]))

    third = await latchkey.click(DANA, second, "Next page")

    assert third.words.count("Up to 4 hours") == 5


@pytest.mark.parametrize("after", ["-1", "1.5", "x", "9" * 40, "\u0663"])
async def test_a_forged_page_is_refused(latchkey: Latchkey, after: str) -> None:
    assert "doesn't go on from here" in await _send(latchkey, "secrets.page", {"after": after})


@pytest.mark.parametrize("data", [{}, {"secret": "../x"}, {"secret": 1}, {"secret": "a" * 200}])
async def test_a_forged_name_is_refused(latchkey: Latchkey, data: Json) -> None:
    assert "secret" in await _send(latchkey, "secrets.request", data)
    assert latchkey.sandbox.log == []


async def test_a_forged_secret_is_refused_as_if_it_had_been_typed(latchkey: Latchkey) -> None:
    typed = await latchkey.say(DANA, "request secret storage-key")

    assert await _send(latchkey, "secrets.request", {"secret": "storage-key"}) == typed.words


async def test_in_a_channel_the_clicker_gets_the_form_in_their_own_chat(latchkey: Latchkey) -> None:
    listed = await latchkey.say(DANA, "secrets", a_channel("general", thread="1"))

    answer = await latchkey.click(MORGAN, listed, "Request")

    [posted] = [post for post in latchkey.teams.posted if post.id == listed.id]
    assert answer.sentence == "The form is in our own chat."
    assert "justification" in latchkey.sent_to(MORGAN)[-1].inputs
    assert set(buttons(posted.card or {})) == {"Request"}
