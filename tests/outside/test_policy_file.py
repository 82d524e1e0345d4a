"""What a policy file says of those who ask, as they meet it."""

from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import ASKED, refusing
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.teams import Person

GALE = Person(seed.GALE.display_name, seed.GALE.id)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


async def run_with(latchkey: Latchkey, file: Path, text: str) -> None:
    write(file, text)
    await latchkey.restart(POLICY_FILE=str(file))


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


async def test_whoever_may_not_ask_is_told_so_and_the_audit_channel_hears_of_it(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, f'[defaults]\nrequesters = ["{seed.MORGAN.mail}"]')

    refused = await latchkey.say(DANA, ASKED)
    allowed = await latchkey.say(MORGAN, ASKED)
    await latchkey.tick()

    assert f"You are not among those who may request {DEMO_API_KEY}" in refused.words
    assert allowed.status == "Waiting for approval"
    assert "Dana Developer" in latchkey.audit()[0].words
    assert "blocked" in latchkey.audit()[0].words.lower()


async def test_a_guest_may_not_ask_unless_the_file_says_so(latchkey: Latchkey, file: Path) -> None:
    refused = await latchkey.say(GALE, ASKED)
    await run_with(latchkey, file, "[defaults]\nguests = true")
    allowed = await latchkey.say(GALE, ASKED)

    assert "Guests may not request" in refused.words
    assert allowed.status == "Waiting for approval"


async def test_while_the_directory_is_away_only_a_chat_that_shows_no_guest_lets_somebody_ask(
    latchkey: Latchkey, file: Path
) -> None:
    write(file, "[defaults]\nguests = false")
    await latchkey.restart(POLICY_FILE=str(file), SECRET_APPROVER_EMAIL=AVERY.object_id)
    latchkey.sandbox.break_next(refusing("GET", "/users", status=503))
    unknown = await latchkey.say(MORGAN, ASKED)
    latchkey.teams.chatting = [DANA, GALE]
    latchkey.teams.guests = {GALE}
    colleague = await latchkey.say(DANA, ASKED)
    guest = await latchkey.say(GALE, ASKED)
    await latchkey.tick()

    assert "right now I cannot find out who is one, so nothing was done" in unknown.words
    assert colleague.status == "Waiting for approval"
    assert "Guests may not request" in guest.words
    assert sorted(post.status for post in latchkey.audit()) == [
        "Access requested",
        "Request blocked by policy",
    ]


async def test_a_request_without_its_ticket_becomes_a_form_that_says_what_is_missing(
    latchkey: Latchkey, file: Path
) -> None:
    text = "[defaults]\nticket = 'CHG\\d{4}'\nticket_hint = \"a change, like CHG4711\""
    await run_with(latchkey, file, text)

    form = await latchkey.say(DANA, ASKED)
    again = await latchkey.click(DANA, form, "Send for approval", justification="no ticket")
    filed = await latchkey.click(DANA, again, "Send for approval", justification="for chg4711")

    for card in (form, again):
        assert "The justification has to name a ticket: a change, like CHG4711." in card.words
    assert filed.status == "Waiting for approval"


async def test_where_no_justification_is_needed_a_name_and_a_duration_are_enough(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, '[defaults]\njustification = "optional"')

    card = await latchkey.say(DANA, f"request secret {DEMO_API_KEY} for 1h")

    assert card.status == "Waiting for approval"
    assert "Why" not in card.words


async def test_whoever_asks_too_often_is_asked_to_wait(latchkey: Latchkey, file: Path) -> None:
    await run_with(latchkey, file, "[defaults]\nrequests_per_hour = 1")
    await latchkey.say(DANA, ASKED)

    again = await latchkey.say(DANA, ASKED)

    assert "Please ask again after" in again.words


async def test_a_form_and_an_emergency_count_and_nothing_typed_is_lost(
    latchkey: Latchkey, file: Path
) -> None:
    text = f'[defaults]\nrequests_per_hour = 1\nbreak_glass = ["{seed.DANA.mail}"]'
    await run_with(latchkey, file, text)
    form = await latchkey.say(DANA, f"request secret {DEMO_API_KEY}")
    await latchkey.say(DANA, "request secret payments-webhook-key")

    sent = await latchkey.click(DANA, form, "Send for approval", justification="a long reason")
    emergency = await latchkey.say(DANA, f"break glass {DEMO_API_KEY} because of a fire")

    assert "Please ask again after 10:00 UTC." in sent.words
    assert sent.inputs["justification"] == "a long reason"
    assert "Please ask again after 10:00 UTC." in emergency.words
    assert latchkey.assigned(DANA) == []


async def test_a_colleague_may_ask_while_another_has_to_wait(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, "[defaults]\nrequests_per_hour = 1")
    await latchkey.say(DANA, ASKED)

    assert (await latchkey.say(MORGAN, ASKED)).status == "Waiting for approval"


async def test_the_owner_in_a_secrets_tags_decides_where_the_file_says_so(
    latchkey: Latchkey, file: Path
) -> None:
    text = f'[defaults]\napprovers = ["{seed.ROBIN.mail}"]\nowners_approve = true'
    await run_with(latchkey, file, text)

    await latchkey.say(DANA, f"request secret {seed.APP_API_KEY} for 1h because of a test")
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert len(latchkey.assigned(DANA)) == 1


async def test_a_change_of_the_file_holds_for_the_next_request_and_says_who_decides_an_open_one(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, f'[defaults]\napprovers = ["{seed.AVERY.mail}"]')
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()

    write(file, f'[defaults]\napprovers = ["{seed.MORGAN.mail}"]')
    await latchkey.look_at_policy_file()
    await latchkey.tick()
    former, open_one = latchkey.card_of(AVERY), latchkey.card_of(MORGAN)
    await latchkey.click(MORGAN, open_one, "Approve")
    await latchkey.say(DANA, f"request secret {seed.APP_API_KEY} for 1h because of a test")
    await latchkey.tick()

    assert "You're no longer an approver of this request" in former.words
    assert f"read {DEMO_API_KEY}" in open_one.words
    assert f"read {seed.APP_API_KEY}" in latchkey.card_of(MORGAN).words
    assert len(latchkey.assigned(DANA)) == 1
    assert [post.status for post in latchkey.audit() if "policy file" in post.words] == [
        "Policy file in force"
    ] * 2


async def test_a_faulty_change_is_refused_loudly_and_the_rules_before_it_stay(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, f'[defaults]\nrequesters = ["{seed.MORGAN.mail}"]')

    write(file, '[defaults]\nrequesters = "everybody"\npendin = "8h"')
    await latchkey.look_at_policy_file()
    await latchkey.tick()
    refused = await latchkey.say(DANA, ASKED)
    status, page = await latchkey.get("/readyz")
    found = await latchkey.say(AVERY, "doctor")

    assert "You are not among those" in refused.words
    assert status == 200
    [posted] = [post for post in latchkey.audit() if post.status == "Policy file rejected"]
    assert "the policy file was refused" in found.words
    for said in (posted.words, page):
        assert "pendin: is no key of this table; is pending meant?" in said
        assert "requesters: must be a list of emails or Entra object ids" in said
