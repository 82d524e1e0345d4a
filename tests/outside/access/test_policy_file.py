"""The policy file's rules for requesters, as they experience them."""

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


async def test_a_person_who_cannot_request_is_refused_and_it_is_audited(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, f'[defaults]\nrequesters = ["{seed.MORGAN.mail}"]')

    refused = await latchkey.say(DANA, ASKED)
    allowed = await latchkey.say(MORGAN, ASKED)
    listed = await latchkey.say(DANA, "secrets")
    await latchkey.tick()

    assert f"You're not one of the people who can request {DEMO_API_KEY}" in refused.words
    assert allowed.status == "Sent for approval"
    assert "Its rule doesn't let you request it" in listed.words
    assert (listed.status, listed.buttons) == ("What can be requested", set())
    [audited] = [one.words for one in latchkey.audit() if "Dana Developer" in one.words]
    assert "blocked" in audited.lower()


async def test_guests_cannot_request_unless_the_file_allows_it(
    latchkey: Latchkey, file: Path
) -> None:
    refused = await latchkey.say(GALE, ASKED)
    await run_with(latchkey, file, "[defaults]\nguests = true")
    allowed = await latchkey.say(GALE, ASKED)

    assert "Guests can't request" in refused.words
    assert allowed.status == "Sent for approval"


async def test_during_a_directory_outage_only_chats_that_rule_out_guests_can_request(
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

    assert "I can't check right now who is a guest, so nothing was done" in unknown.words
    assert colleague.status == "Sent for approval"
    assert "Guests can't request" in guest.words
    assert sorted(post.status for post in latchkey.audit()) == [
        "Access requested",
        "Request blocked by policy",
    ]


async def test_a_request_without_its_ticket_opens_a_form_that_explains_it(
    latchkey: Latchkey, file: Path
) -> None:
    text = "[defaults]\nticket = 'CHG\\d{4}'\nticket_hint = \"a change, like CHG4711\""
    await run_with(latchkey, file, text)

    form = await latchkey.say(DANA, ASKED)
    again = await latchkey.click(DANA, form, "Send for approval", justification="no ticket")
    filed = await latchkey.click(DANA, again, "Send for approval", justification="for chg4711")

    for card in (form, again):
        assert "The justification has to name a ticket: a change, like CHG4711." in card.words
    assert filed.status == "Sent for approval"


async def test_without_a_required_justification_a_name_and_duration_are_enough(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, '[defaults]\njustification = "optional"')

    card = await latchkey.say(DANA, f"request secret {DEMO_API_KEY} for 1h")

    assert card.status == "Sent for approval"
    assert "Why" not in card.words


async def test_too_many_requests_are_rate_limited(latchkey: Latchkey, file: Path) -> None:
    await run_with(latchkey, file, "[defaults]\nrequests_per_hour = 1")
    await latchkey.say(DANA, ASKED)

    again = await latchkey.say(DANA, ASKED)

    assert "Please ask again after" in again.words


async def test_forms_and_emergencies_count_and_nothing_typed_is_lost(
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


async def test_the_rate_limit_is_per_person(latchkey: Latchkey, file: Path) -> None:
    await run_with(latchkey, file, "[defaults]\nrequests_per_hour = 1")
    await latchkey.say(DANA, ASKED)

    assert (await latchkey.say(MORGAN, ASKED)).status == "Sent for approval"


async def test_the_file_can_make_the_owner_in_a_secrets_tags_the_approver(
    latchkey: Latchkey, file: Path
) -> None:
    text = f'[defaults]\napprovers = ["{seed.ROBIN.mail}"]\nowners_approve = true'
    await run_with(latchkey, file, text)

    await latchkey.say(DANA, f"request secret {seed.APP_API_KEY} for 1h because of a test")
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert len(latchkey.assigned(DANA)) == 1


async def test_a_changed_file_applies_to_new_requests_and_to_open_decisions(
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


async def test_a_person_whom_a_changed_file_no_longer_lets_ask_is_not_granted_what_waits(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, "[defaults]")
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    write(file, f'[defaults]\nrequesters = ["{seed.MORGAN.mail}"]')
    await latchkey.look_at_policy_file()

    answer = await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert answer.sentence == (
        f"Today's rules no longer let Dana Developer have access to {DEMO_API_KEY}, so this can't "
        "be approved."
    )
    assert latchkey.card_of(AVERY).status == "Waiting for approval"
    assert latchkey.assigned(DANA) == []


async def test_who_waits_hears_at_once_that_a_changed_file_does_not_let_them_have_it(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, "[defaults]")
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    write(file, f'[defaults]\nrequesters = ["{seed.MORGAN.mail}"]')
    await latchkey.look_at_policy_file()
    await latchkey.tick()

    told = latchkey.sent_to(DANA)[-1]
    assert told.status == "Can't be approved"
    assert "Your request for demo-api-key in demo-vault can't be approved" in told.words
    assert f"no longer let Dana Developer have access to {DEMO_API_KEY}" in told.words
    assert "Can't be approved" in [post.status for post in latchkey.audit()]


async def test_who_has_approved_can_still_deny_it_on_their_card_and_cannot_allow_less(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, "[defaults]\nmin_approvals = 2")
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    before = latchkey.card_of(AVERY)
    own = await latchkey.click(AVERY, before, "Approve")
    await latchkey.tick()

    late = await latchkey.click(AVERY, before, "Approve with limits", window="30m")
    denied = await latchkey.click(AVERY, latchkey.card_of(AVERY), "Deny", reason="a mistake")

    assert own.buttons == {"Deny"}
    assert late.sentence == "You've already approved this; it's waiting for another approver."
    assert denied.status == "Denied"


async def test_a_change_is_announced_with_who_can_do_what_now(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, f'[defaults]\napprovers = ["{seed.AVERY.mail}"]')
    await latchkey.look_at_policy_file()

    write(file, f'[defaults]\napprovers = ["{seed.MORGAN.mail}"]\nmax_duration = "1h"')
    await latchkey.look_at_policy_file()
    await latchkey.tick()

    first, changed = [one for one in latchkey.audit() if one.status == "Policy file in force"]
    assert "What changes" not in first.words
    assert f"{seed.MORGAN.mail} can approve " in changed.words
    assert f"{DEMO_API_KEY} (before: {seed.AVERY.mail})" in changed.words
    assert "at most 1 hour instead of 4 hours" in changed.words


async def test_a_change_while_latchkey_was_down_is_announced_in_words_too(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, '[defaults]\nmax_duration = "2h"')
    await latchkey.look_at_policy_file()

    await run_with(latchkey, file, '[defaults]\nmax_duration = "1h"')
    await latchkey.look_at_policy_file()
    await latchkey.tick()

    (changed,) = [one for one in latchkey.audit() if "What changes" in one.words]
    assert "at most 1 hour instead of 2 hours" in changed.words


async def test_an_invalid_change_is_reported_and_the_old_rules_stay(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, f'[defaults]\nrequesters = ["{seed.MORGAN.mail}"]')

    write(file, '[defaults]\nrequesters = "everybody"\npendin = "8h"')
    await latchkey.look_at_policy_file()
    await latchkey.tick()
    refused = await latchkey.say(DANA, ASKED)
    status, page = await latchkey.get("/readyz")
    found = await latchkey.say(AVERY, "doctor")

    assert "You're not one of the people" in refused.words
    assert status == 200
    [posted] = [post for post in latchkey.audit() if post.status == "Policy file rejected"]
    assert "the policy file was rejected" in found.words
    for said in (posted.words, page):
        assert "pendin: is not a key of this table; did you mean pending?" in said
        assert "requesters: must be a list of emails, Entra object IDs or group:Name" in said
