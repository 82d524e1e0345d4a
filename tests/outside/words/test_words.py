"""Lines that aren't commands: what is offered for them, and what the buttons do."""

import pytest

from cards.kit import verbs
from tests.outside.scenarios import ASKED
from tests.support.deployment import AVERY, DANA, UNKNOWN_SECRET
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Json, Person, a_channel, an_execute

pytestmark = pytest.mark.in_memory

CHANNEL = a_channel("general", thread="1700000000000")


async def pressed(
    bot: Latchkey, person: Person, seen: Seen, title: str, **typed: str
) -> tuple[Seen, list[Seen]]:
    """Press a button; return the card as the person then sees it, and the new messages there."""
    before = len(bot.teams.posted_in(seen.place.id))
    shown = await bot.click(person, seen, title, **typed)
    return shown, [Seen.of(one) for one in bot.teams.posted_in(seen.place.id)[before:]]


def choices(seen: Seen) -> list[str]:
    """Return the choices of the card's only choice set, by the value that is sent."""
    [asked] = [part for part in seen.card["body"] if part["type"] == "Input.ChoiceSet"]
    return [choice["value"] for choice in asked["choices"]]


async def test_a_misspelt_command_runs_with_what_was_typed(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, ASKED.replace("request", "reqest"))

    shown, [answer] = await pressed(latchkey, DANA, card, "Run this command")

    assert "Did you mean: request secret NAME" in card.words
    assert ASKED in card.words
    assert "asked to read demo-api-key in demo-vault for 2 hours." in answer.words
    assert shown.sentence == f"I ran “{ASKED}”. The answer is below."


async def test_a_second_click_makes_no_second_request(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, ASKED.replace("request", "reqest"))

    for _ in range(2):
        await pressed(latchkey, DANA, card, "Run this command")

    mine = await latchkey.say(DANA, "my access")
    assert mine.words.count("demo-api-key") == 1


async def test_a_line_runs_as_whoever_clicks_and_not_as_who_typed_it(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, ASKED.replace("request", "reqest"), CHANNEL)

    _, [answer] = await pressed(latchkey, AVERY, card, "Run this command")

    assert "Avery Approver asks to read demo-api-key" in answer.words


async def test_a_line_gets_the_same_refusal_as_when_it_is_typed(latchkey: Latchkey) -> None:
    typed = await latchkey.say(DANA, "rotate app-api-key")
    click = an_execute(verbs.RUN, {verbs.LINE: "rotate app-api-key"}, DANA)

    await latchkey.deliver(click)

    assert latchkey.sent_to(DANA)[-1].words == typed.words


async def test_an_incomplete_line_opens_the_form_in_place_of_the_suggestion(
    latchkey: Latchkey,
) -> None:
    card = await latchkey.say(DANA, "request demo-api-key deploy fix")

    form, posted = await pressed(latchkey, DANA, card, "Request the first secret")
    sent = await latchkey.click(DANA, form, "Send for approval", duration="2h")

    assert posted == []
    assert form.inputs["justification"] == "deploy fix"
    assert "asked to read demo-api-key in demo-vault for 2 hours." in sent.words


@pytest.mark.parametrize(
    ("typed", "title", "answer"),
    [
        ("make me a sandwich", "help", "Latchkey"),
        ("cancel", "my access", "My access"),
        ("my acess", "my access", "My access"),
        ("secret", "secrets", "Secrets"),
    ],
)
async def test_what_is_near_is_one_click_away(
    latchkey: Latchkey, typed: str, title: str, answer: str
) -> None:
    card = await latchkey.say(DANA, typed)

    _, [posted] = await pressed(latchkey, DANA, card, title)

    assert posted.title == answer


@pytest.mark.parametrize(
    "typed",
    ["demo-api-key", "I need Demo-API-Key!", "{vault}/secrets/demo-api-key/0123456789abcdef"],
)
async def test_a_secret_that_is_named_is_offered(latchkey: Latchkey, typed: str) -> None:
    card = await latchkey.say(DANA, typed.format(vault="https://demo-vault.vault.azure.net"))

    form, _ = await pressed(latchkey, DANA, card, "Request this secret")

    assert form.status == "Why do you need it, and for how long?"
    assert "demo-api-key" in form.words.lower()


@pytest.mark.parametrize("data", [{}, {"line": ""}, {"line": 7}, {"line": "help " * 2_000}])
async def test_a_button_without_a_readable_line_is_refused(latchkey: Latchkey, data: Json) -> None:
    answer = await latchkey.deliver(an_execute(verbs.RUN, data, DANA))

    assert answer.body["type"] == "application/vnd.microsoft.activity.message"
    assert latchkey.sent_to(DANA) == []


async def test_a_request_without_a_name_asks_which_secret(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, "request")

    form, posted = await pressed(latchkey, DANA, card, "Next", picked="demo-api-key")
    sent = await latchkey.click(
        DANA, form, "Send for approval", justification="a test", duration="2h"
    )

    assert card.labels == {"picked": "Secret"}
    assert choices(card) == ["app-api-key", "demo-api-key", UNKNOWN_SECRET, "old-api-key"]
    assert posted == []
    assert form.status == "Why do you need it, and for how long?"
    assert "asked to read demo-api-key in demo-vault for 2 hours." in sent.words


async def test_secrets_that_a_person_had_come_first(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, "request old-api-key for 2h because a test")
    await latchkey.say(DANA, ASKED)

    mine, others = [choices(await latchkey.say(one, "request")) for one in (DANA, AVERY)]

    assert mine[0] == "demo-api-key"
    assert others[0] == "app-api-key"


async def test_what_was_typed_without_a_name_is_kept(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, "request for 2h because smoke test")

    _, [request] = await pressed(latchkey, DANA, card, "Next", picked="demo-api-key")

    assert "You typed\nfor 2h because smoke test" in card.words
    assert "asked to read demo-api-key in demo-vault for 2 hours." in request.words
    assert "Why\nsmoke test\n" in request.words


async def test_a_chosen_secret_is_checked_like_a_typed_one(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, "request")

    _, [refused] = await pressed(latchkey, DANA, card, "Next", picked="payments-webhook-key")

    typed = await latchkey.say(DANA, "request payments-webhook-key")
    assert refused.words == typed.words


async def test_status_without_an_id_lists_what_is_mine(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, ASKED)

    status, mine = [await latchkey.say(DANA, typed) for typed in ("Status", "my access")]

    assert status.card == mine.card
