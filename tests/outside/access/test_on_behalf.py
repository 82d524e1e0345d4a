"""Requests on behalf of a colleague."""

from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AUDIT, AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Fault, Json, Person, Place, a_channel, a_message

pytestmark = pytest.mark.in_memory

THREAD = a_channel("general", thread="1700000000000")
FOR_MORGAN = f"request secret {DEMO_API_KEY} for {seed.MORGAN.mail} for 1h because on call"


@pytest.fixture
async def team(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with a policy that allows Dana to request access for others."""
    file = tmp_path / "policy.toml"
    file.write_text(f'[defaults]\non_behalf = ["{seed.DANA.mail}"]', encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    return latchkey


async def granted(team: Latchkey) -> None:
    await team.say(DANA, FOR_MORGAN)
    await team.tick()
    await team.click(AVERY, team.card_of(AVERY), "Approve")
    await team.tick()


async def test_the_colleague_can_read_the_secret_but_the_requester_cannot(team: Latchkey) -> None:
    await granted(team)

    assert await team.read(MORGAN, DEMO_API_KEY) is not None
    assert await team.read(DANA, DEMO_API_KEY) is None


async def test_my_access_says_whose_it_is(team: Latchkey) -> None:
    await granted(team)

    assert (
        "The access is Morgan Maintainer's, not yours" in (await team.say(DANA, "my access")).words
    )
    assert "Dana Developer asked for it" in (await team.say(MORGAN, "my access")).words


async def test_cards_and_the_audit_channel_show_requester_and_grantee(team: Latchkey) -> None:
    await granted(team)

    who = "Dana Developer asked to let Morgan Maintainer read demo-api-key"
    assert who in team.card_of(AVERY).words
    assert "Dana Developer asks to let Morgan Maintainer read" in team.audit()[0].words
    assert "Morgan Maintainer can read demo-api-key" in team.audit()[-1].words


async def test_both_get_messages_but_only_the_colleague_sees_how_to_read_it(team: Latchkey) -> None:
    await granted(team)

    asked, told = team.sent_to(MORGAN)
    assert "Dana Developer asks for access to demo-api-key" in asked.words
    assert "az keyvault secret show" in told.words
    assert "Morgan Maintainer can read demo-api-key" in team.sent_to(DANA)[-1].words
    assert "az keyvault secret show" not in team.sent_to(DANA)[-1].words


async def test_the_colleague_can_give_it_back_with_their_own_button(team: Latchkey) -> None:
    await granted(team)

    await team.click(MORGAN, team.sent_to(MORGAN)[-1], "I'm done")
    await team.tick()

    assert team.assigned(MORGAN) == []
    assert "Morgan Maintainer ended it early" in team.sent_to(DANA)[-1].words


async def test_the_requester_can_end_it_too(team: Latchkey) -> None:
    await granted(team)
    request_id = team.sent_to(MORGAN)[-1].words.rpartition("Correlation ID ")[2].split()[0]

    shown = await team.say(DANA, f"revoke {request_id}")
    await team.click(DANA, shown, next(iter(shown.buttons - {"Cancel", "Keep it"})))
    await team.tick()

    assert team.assigned(MORGAN) == []


async def test_it_is_in_the_colleagues_own_list_and_ends_on_time(
    team: Latchkey, clock: ManualClock
) -> None:
    await granted(team)
    listed = await team.say(MORGAN, "my access")
    clock.advance(hours=1)
    await team.tick()

    assert DEMO_API_KEY in listed.words
    assert team.assigned(MORGAN) == []
    assert "Your access to demo-api-key in demo-vault has ended" in team.sent_to(MORGAN)[-1].words


async def test_a_form_shows_who_it_is_for(team: Latchkey) -> None:
    form = await team.say(DANA, f"request secret {DEMO_API_KEY} for {seed.MORGAN.mail}")
    card = await team.click(DANA, form, "Send for approval", justification="on call")

    assert "Morgan Maintainer" in form.words
    assert "Dana Developer asked to let Morgan Maintainer read" in card.words


async def test_others_can_only_request_access_for_themselves(team: Latchkey) -> None:
    refused = await team.say(MORGAN, FOR_MORGAN.replace(seed.MORGAN.mail, seed.DANA.mail))

    assert "You can't request demo-api-key for Dana Developer." in refused.words


async def test_a_blocked_request_names_for_whom_it_was(team: Latchkey) -> None:
    await team.say(MORGAN, FOR_MORGAN.replace(seed.MORGAN.mail, seed.DANA.mail))
    await team.tick()
    history = await team.say(AVERY, "history")

    refused = "Morgan Maintainer asked to let Dana Developer read demo-api-key in demo-vault"
    assert f"{refused} and was refused." in team.audit()[-1].words
    assert "Morgan Maintainer can't request demo-api-key for Dana" in team.audit()[-1].words
    assert "for Dana Developer (asked by Morgan Maintainer)" in history.words


@pytest.mark.parametrize(
    ("typed", "name"),
    [(seed.MORGAN.mail, "Morgan Maintainer"), ("gone@contoso.com", "gone@contoso.com")],
)
async def test_a_blocked_request_for_an_unlisted_secret_names_for_whom_it_was(
    team: Latchkey, typed: str, name: str
) -> None:
    await team.say(DANA, f"request secret nope for {typed} for 1h because on call")
    await team.tick()
    request_id = correlation_id(team.audit()[-1])
    own = await team.say(DANA, f"status {request_id}")
    for_admins = await team.say(AVERY, f"status {request_id}")
    history = await team.say(AVERY, "history")

    for shown in (team.audit()[-1], own, for_admins):
        assert f"Dana Developer asked to let {name} read nope" in shown.words
    assert f"for {name} (asked by Dana Developer), 1 hour" in history.words
    assert team.sent_to(MORGAN) == []


async def test_a_blocked_request_for_oneself_names_nobody_else(team: Latchkey) -> None:
    await team.say(DANA, f"request secret nope for {seed.DANA.mail} for 1h because on call")
    await team.tick()

    assert "Dana Developer asked to read nope" in team.audit()[-1].words


async def test_the_list_of_what_waits_names_the_colleague_who_asks_for_more_time(
    team: Latchkey,
) -> None:
    await granted(team)
    request_id = team.sent_to(MORGAN)[-1].words.rpartition("Correlation ID ")[2].split()[0]
    await team.say(MORGAN, f"extend {request_id} 30m")
    await team.tick()

    listed, asked = await team.say_for_all(AVERY, "approvals")

    assert "Morgan Maintainer would get demo-api-key for 30 minutes more" in listed.words
    assert "Morgan Maintainer's access to demo-api-key in demo-vault ends on" in asked.words
    assert "Dana Developer asks" not in asked.words


async def test_each_reads_who_ended_it_early(team: Latchkey) -> None:
    await granted(team)
    request_id = team.sent_to(MORGAN)[-1].words.rpartition("Correlation ID ")[2].split()[0]

    await team.click(DANA, await team.say(DANA, f"revoke {request_id}"), "End access")
    await team.tick()

    assert "Dana Developer ended it early" in team.sent_to(MORGAN)[-1].words
    assert "You ended it early" in team.sent_to(DANA)[-1].words


async def test_the_answer_to_the_colleagues_extend_is_kept_up_to_date(team: Latchkey) -> None:
    await granted(team)
    request_id = team.sent_to(MORGAN)[-1].words.rpartition("Correlation ID ")[2].split()[0]

    answer = await team.say(MORGAN, f"extend {request_id} 30m")
    await team.tick()
    await team.click(AVERY, team.sent_to(AVERY)[-1], "Allow")
    await team.tick()

    assert "Extension requested" in answer.words
    assert answer.card["refresh"]["userIds"]
    [shown] = [seen for seen in team.sent_to(MORGAN) if seen.id == answer.id]
    assert "Extension requested" not in shown.words
    assert "10:30 UTC" in shown.words


async def test_the_colleague_can_call_off_what_starts_later_but_cancel_no_request(
    team: Latchkey,
) -> None:
    await team.say(DANA, f"{FOR_MORGAN.replace(' because', ' from 11:00 because')}")
    await team.tick()
    waiting = await team.say(MORGAN, "my access")
    await team.click(AVERY, team.card_of(AVERY), "Approve")
    await team.tick()
    planned = await team.say(MORGAN, "my access")

    answer = await team.click(MORGAN, planned, "Call it off")
    await team.tick()

    assert "Cancel request" not in waiting.buttons | planned.buttons
    assert "Latchkey gives you no access now" in answer.words
    assert "Morgan Maintainer called off" in team.sent_to(DANA)[-1].words


def mentioning(text: str, who: Person, place: Place = THREAD) -> Json:
    """Return what Dana types in a channel, with a mention of a colleague for each ``@@``."""
    mention = f"<at>{who.name}</at>"
    message = a_message(text.replace("@@", mention), DANA, place)
    entity = {
        "type": "mention",
        "mentioned": {"id": who.id, "name": who.name},
        "text": mention,
    }
    return message | {"entities": [*message["entities"], entity]}


@pytest.mark.parametrize(
    "text",
    [
        f"request secret {DEMO_API_KEY} for @@ for 1h because on call",
        f"request secret {DEMO_API_KEY} for @@, for 1h because on call",
        f"request secret {DEMO_API_KEY} for @@ 1h because on call",
        f"request secret {DEMO_API_KEY} for 1h for @@ because on call",
    ],
)
async def test_a_colleague_who_is_mentioned_gets_the_access(team: Latchkey, text: str) -> None:
    team.teams.people = [MORGAN]
    await team.deliver(mentioning(text, MORGAN))
    await team.tick()

    asked = team.card_of(AVERY).words
    assert "Dana Developer asks to let Morgan Maintainer read demo-api-key" in asked
    assert "Why\non call\n" in asked


async def test_a_mention_is_looked_up_where_it_was_made(team: Latchkey) -> None:
    team.teams.people = [MORGAN]
    team.teams.refuse(AUDIT.id, Fault(404, "MemberNotFoundInConversation"))
    text = f"request secret {DEMO_API_KEY} for @@ for 1h because on call"
    await team.deliver(mentioning(text, MORGAN))
    await team.tick()

    asked = "Dana Developer asks to let Morgan Maintainer read demo-api-key"
    assert asked in team.card_of(AVERY).words


async def test_nothing_is_requested_for_a_mention_that_nobody_is_found_by(team: Latchkey) -> None:
    team.teams.people = []
    text = f"request secret {DEMO_API_KEY} for @@ for 1h because on call"
    await team.deliver(mentioning(text, MORGAN))
    mine = await team.say(DANA, "my access")

    [posted] = team.teams.posted_in(THREAD.id)
    assert "I can't find Morgan Maintainer in the directory." in Seen.of(posted).words
    assert mine.status == "Nothing"


@pytest.mark.parametrize("teams_id", ["", ".", "../members", "x" * 5_000, "29:%2e%2e"])
async def test_a_mention_of_a_made_up_id_is_of_nobody(team: Latchkey, teams_id: str) -> None:
    message = mentioning(f"request secret {DEMO_API_KEY} for @@ because on call", MORGAN)
    message["entities"][-1]["mentioned"]["id"] = teams_id
    await team.deliver(message)

    [posted] = team.teams.posted_in(THREAD.id)
    assert "I can't find Morgan Maintainer in the directory." in Seen.of(posted).words


@pytest.mark.parametrize("who", [seed.MORGAN.mail, seed.MORGAN.id])
async def test_a_colleague_can_be_named_as_in_other_commands(team: Latchkey, who: str) -> None:
    asked = await team.say(DANA, f"request secret {DEMO_API_KEY} for @{who} for 1h because on call")

    assert "Dana Developer asked to let Morgan Maintainer read demo-api-key" in asked.words


async def test_nothing_is_requested_for_a_name_that_nobody_has(team: Latchkey) -> None:
    refused = await team.say(
        DANA, f"request secret {DEMO_API_KEY} for @morgan for 1h because on call"
    )

    assert "I can't find the person you're asking for." in refused.words


async def test_a_mention_is_kept_while_the_secret_is_chosen(team: Latchkey) -> None:
    team.teams.people = [MORGAN]
    await team.deliver(mentioning("request for @@ for 1h because on call", MORGAN))
    [posted] = team.teams.posted_in(THREAD.id)
    await team.click(DANA, Seen.of(posted), "Next", picked=DEMO_API_KEY)
    await team.tick()

    asked = "Dana Developer asks to let Morgan Maintainer read demo-api-key"
    assert asked in team.card_of(AVERY).words


async def test_a_mention_in_the_reason_stays_there_while_the_secret_is_chosen(
    team: Latchkey,
) -> None:
    await team.deliver(mentioning("request for 1h because @@ is ill", MORGAN))
    [posted] = team.teams.posted_in(THREAD.id)
    await team.click(DANA, Seen.of(posted), "Next", picked=DEMO_API_KEY)
    await team.tick()

    assert "Why\nMorgan Maintainer is ill\n" in team.card_of(AVERY).words


async def test_no_button_asks_for_oneself_what_was_meant_for_who_is_mentioned(
    team: Latchkey,
) -> None:
    text = f"reqest secret {DEMO_API_KEY} for @@ for 1h because on call"
    await team.deliver(mentioning(text, MORGAN))

    [posted] = team.teams.posted_in(THREAD.id)
    assert Seen.of(posted).buttons == {"help"}


async def test_a_mention_in_a_reason_is_part_of_it(team: Latchkey) -> None:
    team.teams.people = [MORGAN]
    text = f"request secret {DEMO_API_KEY} for 1h because @@ is ill"
    await team.deliver(mentioning(text, MORGAN))
    await team.tick()

    asked = team.card_of(AVERY).words
    assert "Dana Developer asks to read demo-api-key" in asked
    assert "Why\nMorgan Maintainer is ill\n" in asked
