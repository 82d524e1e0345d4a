"""Typed commands, understood leniently."""

import pytest

from bot.handlers.command_table import usages
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import (
    Person,
    Place,
    a_channel,
    a_message,
    a_personal_chat,
    an_installation,
)

pytestmark = pytest.mark.in_memory


@pytest.mark.parametrize(
    "typed",
    [
        "request secret demo-api-key for 2h because smoke test",
        "  REQUEST   Secret\tDEMO-API-KEY   FOR 2H   Because smoke test  ",
        "request demo-api-key for 2h because smoke test",
        "request&nbsp;secret demo-api-key\u00a0for 2 hours because smoke test",
        "request secret demo-api-key\nfor 2h\nbecause smoke test",
    ],
)
async def test_a_request_is_understood_however_it_is_spaced(latchkey: Latchkey, typed: str) -> None:
    card = await latchkey.say(DANA, typed)

    assert "asked to read demo-api-key in demo-vault for 2 hours." in card.words
    assert "Why\nsmoke test\n" in card.words


@pytest.mark.parametrize("typed", ["help", " HELP ", "Hi", "?", ""])
async def test_help_lists_the_commands(latchkey: Latchkey, typed: str) -> None:
    card = await latchkey.say(DANA, typed)

    assert "request secret NAME for 2h because REASON" in card.words
    assert "\nsecrets\n" in card.words


async def test_help_all_lists_every_command_in_groups(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, "Help all.")

    forms = [form for form, _ in usages()]
    assert [form for form in forms if f"\n{form}\n" not in card.words] == []
    assert card.words.index("For everyone") < card.words.index("For approvers")
    assert card.words.index("For approvers") < card.words.index("For admins")


async def test_the_list_of_secrets_shows_durations_and_approvers(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, " Secrets ")

    assert "demo-api-key\nUp to 4 hours, decided by Avery Approver and Robin Reviewer" in card.words
    assert "payments-webhook-key" not in card.words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hlep", "Did you mean: help"),
        ("secret", "Did you mean: secrets"),
        ("reqest secret demo-api-key", "Did you mean: request secret NAME"),
        ("cancel", "Did you mean: cancel ID"),
        ("make me a sandwich", "Type help to see what I can do."),
    ],
)
async def test_an_unknown_command_gets_the_nearest_match(
    latchkey: Latchkey, typed: str, meant: str
) -> None:
    card = await latchkey.say(DANA, typed)

    assert f"I don't understand “{typed}”." in card.words
    assert meant in card.words


async def test_in_a_channel_the_mention_of_the_bot_is_not_part_of_the_command(
    latchkey: Latchkey,
) -> None:
    thread = a_channel("general", thread="1700000000000")

    card = await latchkey.say(DANA, "secrets", thread)

    assert card.place.id == thread.id
    assert card.status == "What you can request"


async def test_a_group_chat_is_served_like_a_channel(latchkey: Latchkey) -> None:
    group = Place(id="19:project@thread.v2", kind="groupChat")

    await latchkey.deliver(an_installation(DANA, group))
    card = await latchkey.say(DANA, "secrets", group)

    assert card.place.id == group.id
    assert card.status == "What you can request"
    assert len(latchkey.teams.posted) == 1


async def test_mentioned_colleagues_keep_their_names(latchkey: Latchkey) -> None:
    mention = {
        "type": "mention",
        "mentioned": AVERY.account(),
        "text": "<at>Avery Approver</at>",
    }
    message = a_message(
        "request secret demo-api-key for 2h because <at>Avery Approver</at> asked me to", DANA
    )
    await latchkey.deliver(message | {"entities": [*message["entities"], mention]})

    [posted] = latchkey.teams.posted_to(DANA)
    assert "Why\nAvery Approver asked me to\n" in Seen.of(posted).words


@pytest.mark.parametrize("place", [None, Place(id="19:project@thread.v2", kind="groupChat")])
async def test_what_a_reply_quotes_is_not_part_of_the_command(
    latchkey: Latchkey, place: Place | None
) -> None:
    quoted = {"messageId": "1772050244572", "senderName": "Latchkey", "preview": "Card"}
    message = a_message("secrets", DANA, place)
    message |= {
        "text": f'<quoted messageId="1772050244572"/> {message["text"]}',
        "entities": [*message["entities"], {"type": "quotedReply", "quotedReply": quoted}],
    }
    await latchkey.deliver(message)

    [posted] = latchkey.teams.posted
    assert Seen.of(posted).status == "What you can request"


async def test_a_person_who_installs_the_bot_is_greeted_with_help(latchkey: Latchkey) -> None:
    await latchkey.deliver(an_installation(DANA))

    [posted] = latchkey.teams.posted_in(a_personal_chat(DANA).id)
    assert "request secret NAME" in Seen.of(posted).words


async def test_a_team_is_not_greeted(latchkey: Latchkey) -> None:
    await latchkey.deliver(an_installation(DANA, a_channel("general")))

    assert latchkey.teams.posted == []


@pytest.mark.parametrize(("person", "is_offered"), [(DANA, False), (AVERY, True)])
@pytest.mark.parametrize("typed", ["please", "eras @dana@contoso.com", "docter"])
async def test_commands_of_admins_are_suggested_to_admins_alone(
    latchkey: Latchkey, typed: str, person: Person, *, is_offered: bool
) -> None:
    card = await latchkey.say(person, typed)

    is_named = any(f"Did you mean: {form}" in card.words for form in ("erase", "doctor"))
    assert is_named == is_offered
