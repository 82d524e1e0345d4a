"""A policy file that allows more than before waits for an admin."""

from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import ASKED
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import an_execute

pytestmark = pytest.mark.in_memory

ADMINS = {"ADMIN_USERS": f"{seed.AVERY.mail}, {seed.ROBIN.mail}"}
WAITS = "Policy file waits for an admin"
WAITS_AS_NOTED = (
    "the policy file waits for an admin to accept it; what it takes away already applies"
)


def rules(
    longest: str = "4h", approver: str = seed.AVERY.mail, *, four_eyes: bool = True, more: str = ""
) -> str:
    return (
        f"policy_four_eyes = {str(four_eyes).lower()}\n[defaults]\n"
        f'max_duration = "{longest}"\napprovers = ["{approver}"]\n{more}'
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    write(file, rules())
    return file


@pytest.fixture
async def guarded(latchkey: Latchkey, file: Path) -> Latchkey:
    """A bot with a policy file that asks admins about changes, whose first content is in force."""
    await latchkey.restart(POLICY_FILE=str(file), **ADMINS)
    await latchkey.look_at_policy_file()
    await latchkey.tick()
    return latchkey


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


async def change(bot: Latchkey, file: Path, text: str) -> None:
    write(file, text)
    await bot.look_at_policy_file()
    await bot.tick()


async def longest(bot: Latchkey) -> str:
    """Ask for far too long, and return what the bot says is possible."""
    answer = await bot.say(DANA, f"request secret {DEMO_API_KEY} for 23h because of a test")
    return answer.words


def posted(bot: Latchkey, title: str) -> list[Seen]:
    return [one for one in bot.audit() if one.status == title]


async def test_what_widens_waits_and_every_admin_is_asked(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))

    (card,) = posted(guarded, WAITS)
    assert "at most 8 hours instead of 4 hours" in card.words
    assert card.buttons == {"Accept", "Reject"}
    for admin in (AVERY, ROBIN):
        asked = guarded.sent_to(admin)[-1]
        assert (asked.title, asked.status, asked.buttons) == ("Policy file", WAITS, card.buttons)
    assert "4 hours" in await longest(guarded)


async def test_readyz_and_doctor_say_that_a_file_waits_until_it_is_accepted(
    guarded: Latchkey, file: Path
) -> None:
    await change(guarded, file, rules("8h"))
    waiting, waiting_page = await guarded.get("/readyz")
    found_waiting = await guarded.say(AVERY, "doctor")
    await guarded.click(ROBIN, guarded.sent_to(ROBIN)[-1], "Accept")
    await guarded.tick()
    accepted, accepted_page = await guarded.get("/readyz")
    found_accepted = await guarded.say(AVERY, "doctor")

    assert (waiting, accepted) == (200, 200)
    for said in (waiting_page, found_waiting.words):
        assert WAITS_AS_NOTED in said
    for said in (accepted_page, found_accepted.words):
        assert "policy file" not in said


async def test_one_admins_acceptance_puts_it_in_force_at_once(
    guarded: Latchkey, file: Path
) -> None:
    await change(guarded, file, rules("8h"))

    answer = await guarded.click(ROBIN, guarded.sent_to(ROBIN)[-1], "Accept")
    in_force = await longest(guarded)
    await guarded.tick()

    assert "You accepted the policy file." in answer.words
    assert "8 hours" in in_force
    asked, told = posted(guarded, "Policy file accepted")
    assert "Robin Reviewer accepted the policy file. It is in force." in told.words
    assert "at most 8 hours instead of 4 hours" in asked.words
    for card in (asked, guarded.sent_to(AVERY)[-1], guarded.sent_to(ROBIN)[-1]):
        assert card.status == "Policy file accepted"
        assert card.buttons == set()


async def test_it_can_be_accepted_in_the_audit_channel(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))

    await guarded.click(AVERY, posted(guarded, WAITS)[0], "Accept")

    assert "8 hours" in await longest(guarded)


async def test_after_a_rejection_the_previous_rules_stay_and_it_is_noted(
    guarded: Latchkey, file: Path
) -> None:
    await change(guarded, file, rules("8h"))
    await guarded.click(AVERY, guarded.sent_to(AVERY)[-1], "Reject")
    await guarded.look_at_policy_file()
    await guarded.tick()
    status, page = await guarded.get("/readyz")
    found = await guarded.say(AVERY, "doctor")

    assert "4 hours" in await longest(guarded)
    assert len(posted(guarded, "Policy file rejected by an admin")) == 2
    assert status == 200
    for said in (page, found.words):
        assert "an admin rejected the policy file; the previous rules stay in force" in said


async def test_whoever_answers_second_is_told_who_decided(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))
    first, second = guarded.sent_to(AVERY)[-1], guarded.sent_to(ROBIN)[-1]

    await guarded.click(AVERY, first, "Accept")
    late = await guarded.click(ROBIN, second, "Reject")

    assert late.sentence == "Avery Approver has already accepted this policy file."
    assert "8 hours" in await longest(guarded)


@pytest.mark.parametrize("title", ["Accept", "Reject"])
async def test_only_admins_can_answer(guarded: Latchkey, file: Path, title: str) -> None:
    await change(guarded, file, rules("8h", approver=seed.MORGAN.mail))

    refused = await guarded.click(MORGAN, posted(guarded, WAITS)[0], title)
    await guarded.tick()

    assert refused.sentence == "Only admins can do that. Ask one of them."
    assert posted(guarded, WAITS)[0].buttons == {"Accept", "Reject"}


async def test_a_forged_digest_accepts_nothing(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))
    card = posted(guarded, WAITS)[0]
    action = buttons(card.card)["Accept"]

    forged = {"digest": "0" * 64}
    click = an_execute(action["verb"], forged, AVERY, card.place, card=card.id)
    answer = (await guarded.deliver(click)).body["value"]

    assert str(answer).startswith("The policy file has changed since this card")
    assert "4 hours" in await longest(guarded)


async def test_what_narrows_takes_effect_at_once(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("1h"))

    assert posted(guarded, WAITS) == []
    assert "1 hour" in await longest(guarded)


async def test_what_a_waiting_file_takes_away_applies_at_once(
    guarded: Latchkey, file: Path
) -> None:
    await guarded.say(DANA, ASKED)
    await guarded.tick()

    await change(guarded, file, rules("1h", approver=seed.MORGAN.mail))
    former = guarded.card_of(AVERY)
    refused = await guarded.click(AVERY, former, "Approve") if former.buttons else former
    until_accepted = await longest(guarded)
    await guarded.click(ROBIN, guarded.sent_to(ROBIN)[-1], "Accept")
    await guarded.tick()
    await guarded.click(MORGAN, guarded.card_of(MORGAN), "Approve")
    await guarded.tick()

    assert "no longer an approver" in refused.words
    assert "I couldn't find enough people other than you to approve" in until_accepted
    assert len(guarded.assigned(DANA)) == 1


async def test_a_newer_file_replaces_the_one_that_waits(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))
    old = guarded.sent_to(ROBIN)[-1]

    await change(guarded, file, rules("12h"))
    late = await guarded.click(ROBIN, old, "Accept")
    in_between = await longest(guarded)
    await guarded.click(ROBIN, guarded.sent_to(ROBIN)[-1], "Accept")

    assert [one.buttons for one in posted(guarded, "Policy file replaced before an answer")] == [
        set()
    ] * 2
    assert late.sentence.startswith("The policy file has changed since this card")
    assert "4 hours" in in_between
    assert "12 hours" in await longest(guarded)


async def test_to_change_the_file_back_ends_the_wait(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))

    await change(guarded, file, rules())
    _, page = await guarded.get("/readyz")

    assert posted(guarded, WAITS) == []
    assert "Nothing changes: the rules are the same as before." in guarded.audit()[-1].words
    assert "policy file" not in page


async def test_a_file_with_errors_changes_nothing_about_the_one_that_waits(
    guarded: Latchkey, file: Path
) -> None:
    await change(guarded, file, rules("8h"))
    await change(guarded, file, "no = toml =")
    waits = posted(guarded, WAITS)
    said, (_, page) = guarded.audit()[-1], await guarded.get("/readyz")

    await guarded.click(ROBIN, waits[0], "Accept")

    assert [one.buttons for one in waits] == [{"Accept", "Reject"}]
    assert "That doesn't end the wait of the file before it for an admin." in said.words
    assert "the policy file before it waits for an admin" in page
    assert "8 hours" in await longest(guarded)


async def test_after_a_file_with_errors_the_one_before_it_waits_as_before(
    guarded: Latchkey, file: Path
) -> None:
    await change(guarded, file, rules("8h"))
    await change(guarded, file, "no = toml =")

    await change(guarded, file, rules("8h"))
    _, page = await guarded.get("/readyz")

    assert len(posted(guarded, WAITS)) == 1
    assert "has errors" not in page
    assert "4 hours" in await longest(guarded)


async def test_the_guard_cannot_be_removed_by_the_change_that_it_guards(
    guarded: Latchkey, file: Path
) -> None:
    await change(guarded, file, rules("8h", four_eyes=False))
    waiting = await longest(guarded)
    card = posted(guarded, WAITS)[0]

    await guarded.click(AVERY, card, "Accept")
    await change(guarded, file, rules("12h", four_eyes=False))

    assert "no longer need an admin's acceptance" in card.words
    assert "4 hours" in waiting
    assert "12 hours" in await longest(guarded)


async def test_a_restart_puts_nothing_in_force_that_waits(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))

    await guarded.restart()
    at_once = await longest(guarded)
    await guarded.look_at_policy_file()
    await guarded.tick()

    assert "4 hours" in at_once
    assert "4 hours" in await longest(guarded)
    assert len(posted(guarded, WAITS)) == 1


async def test_a_change_while_latchkey_was_down_waits_too(guarded: Latchkey, file: Path) -> None:
    write(file, rules("8h"))

    await guarded.restart()
    at_once = await longest(guarded)
    await guarded.look_at_policy_file()
    await guarded.tick()

    assert "4 hours" in at_once
    assert "at most 8 hours instead of 4 hours" in posted(guarded, WAITS)[0].words


async def test_a_rejected_file_is_not_asked_about_again_after_a_restart(
    guarded: Latchkey, file: Path
) -> None:
    await change(guarded, file, rules("8h"))
    await guarded.click(AVERY, guarded.sent_to(AVERY)[-1], "Reject")

    await guarded.restart()
    await guarded.look_at_policy_file()
    await guarded.tick()

    assert posted(guarded, WAITS) == []
    assert "4 hours" in await longest(guarded)


async def test_an_accepted_file_is_in_force_after_a_restart(guarded: Latchkey, file: Path) -> None:
    await change(guarded, file, rules("8h"))
    await guarded.click(AVERY, guarded.sent_to(AVERY)[-1], "Accept")

    await guarded.restart()

    assert "8 hours" in await longest(guarded)
