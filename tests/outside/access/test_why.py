"""`why`: what the policy would decide, without asking for anything."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.outside.access.test_approval_by_rule import POLICY, write
from tests.outside.scenarios import refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN, UNKNOWN_SECRET
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import a_channel, a_message

pytestmark = pytest.mark.in_memory

WHY = f"why {DEMO_API_KEY}"
NAMED = POLICY.replace(
    "requestable = true", f'requestable = true\nrequesters = ["{seed.DANA.mail}"]'
)


async def run_with(latchkey: Latchkey, file: Path, text: str) -> None:
    """Run the bot with a policy; grants of the secrets in the variables open nothing else."""
    write(file, text)
    await latchkey.restart(POLICY_FILE=str(file), GRANT_SCOPE="secret")


@pytest.fixture
async def team(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with the policy of approval by rule."""
    await run_with(latchkey, tmp_path / "policy.toml", POLICY)
    return latchkey


async def test_it_explains_who_would_decide_how_long_and_by_which_rule(team: Latchkey) -> None:
    card = await team.say(MORGAN, WHY)

    assert card.status == "It needs approval"
    assert "If Morgan Maintainer asks for demo-api-key now:" in card.words
    assert "Approvers\nAvery Approver and Robin Reviewer\n1 must approve" in card.words
    assert "5 minutes to 4 hours" in card.words
    assert "Opens\nOnly this secret" in card.words
    assert "Role\nKey Vault Secrets User" in card.words
    assert "demo-* in the policy file" in card.words
    assert "✗ The rule names them" in card.words


async def test_it_agrees_with_the_request_that_follows(team: Latchkey, clock: ManualClock) -> None:
    asked = f"request secret {DEMO_API_KEY} for 30m because deploy, CHG-4711"
    open_now = await team.say(DANA, WHY)
    by_rule = await team.say(DANA, asked)
    clock.advance(hours=8)
    closed_now = await team.say(DANA, WHY)
    by_people = await team.say(DANA, asked)

    assert open_now.status == "A rule can approve it"
    assert "○ The justification names a ticket" in open_now.words
    assert by_rule.status == "Approved by rule"
    assert closed_now.status == "It needs approval"
    assert "✗ It is asked within Mon-Fri 08:00-18:00 Europe/Berlin" in closed_now.words
    assert by_people.status == "Sent for approval"


async def test_it_requests_nothing_records_nothing_and_announces_nothing(
    team: Latchkey, tmp_path: Path
) -> None:
    await run_with(team, tmp_path / "policy.toml", NAMED)
    refused = await team.say(MORGAN, WHY)
    await team.say(DANA, WHY)
    await team.say(MORGAN, "why payments-webhook-key")
    await team.tick()

    history = await team.say(AVERY, "history")
    assert refused.status == "It would be refused"
    assert f"You're not one of the people who can request {DEMO_API_KEY}" in refused.words
    assert "There is nothing to show." in history.words
    assert team.audit() == []
    assert team.sent_to(ROBIN) == []


async def test_a_refusal_tells_no_more_than_the_request_would(
    team: Latchkey, tmp_path: Path
) -> None:
    await run_with(team, tmp_path / "policy.toml", NAMED)

    card = await team.say(MORGAN, WHY)

    assert "Opens" not in card.words
    assert "Approvers" not in card.words
    assert "Key Vault Secrets User" not in card.words


async def test_a_secret_that_is_not_listed_shows_its_rule_to_admins_only(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    closed = '[[secret]]\nname = "pay*"\nrequestable = false\n'
    await run_with(latchkey, tmp_path / "policy.toml", closed + "\n" + POLICY)

    for_dana = await latchkey.say(DANA, "why payments-webhook-key")
    for_admin = await latchkey.say(AVERY, "why payments-webhook-key")

    for card in (for_dana, for_admin):
        assert "it isn't on the list of requestable secrets" in card.words
    assert "pay*" not in for_dana.words
    assert "pay* in the policy file" in for_admin.words


async def test_a_listed_secret_that_does_not_exist_is_answered_like_a_request(
    latchkey: Latchkey,
) -> None:
    card = await latchkey.say(DANA, f"why {UNKNOWN_SECRET}")

    assert card.status == "It would be refused"
    assert f"There's no secret named {UNKNOWN_SECRET}" in card.words
    assert "the variables, or the file's defaults" in card.words


async def test_admins_and_approvers_can_ask_about_others(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    approver = POLICY.replace(
        "requestable = true", f'requestable = true\napprovers = ["{seed.MORGAN.mail}"]'
    )
    await run_with(latchkey, tmp_path / "policy.toml", approver)

    by_admin = await latchkey.say(ROBIN, f"{WHY} @{seed.DANA.mail}")
    by_approver = await latchkey.say(MORGAN, f"{WHY} for {seed.DANA.mail}")
    other = await latchkey.say(MORGAN, f"why app-api-key @{seed.DANA.mail}")

    for card in (by_admin, by_approver):
        assert card.status == "A rule can approve it"
        assert "If Dana Developer asks for demo-api-key now:" in card.words
    assert "About other people, only admins and the secret's approvers can." in other.words


@pytest.mark.parametrize("secret", [DEMO_API_KEY, "payments-webhook-key", "no-such-secret"])
async def test_nobody_else_can_ask_about_others(team: Latchkey, secret: str) -> None:
    card = await team.say(MORGAN, f"why {secret} @{seed.DANA.mail}")

    assert "About other people, only admins and the secret's approvers can." in card.words
    assert secret not in card.words


async def test_a_mention_names_the_colleague(team: Latchkey) -> None:
    message = a_message(f"{WHY} <at>Dana Developer</at>", AVERY, a_channel("audit"))
    team.teams.people = [DANA]
    mention = {"type": "mention", "mentioned": DANA.account(), "text": "<at>Dana Developer</at>"}
    await team.deliver(message | {"entities": [*message["entities"], mention]})

    [posted] = team.teams.posted_in(a_channel("audit").id)
    assert "If Dana Developer asks for demo-api-key now:" in Seen.of(posted).words


async def test_someone_who_cannot_be_found_is_said_to_be_so(team: Latchkey) -> None:
    card = await team.say(AVERY, f"{WHY} @nobody@contoso.example")

    assert "I can't find nobody@contoso.example in the directory" in card.words


async def test_a_name_longer_than_any_address_is_nobodys(team: Latchkey) -> None:
    card = await team.say(AVERY, f"{WHY} @{'e' * 50_000}")

    assert card.words.startswith("I can't find ")


async def test_without_permission_for_the_directory_nobody_is_told_to_try_again(
    team: Latchkey,
) -> None:
    principals = team.sandbox.state.directory.service_principals
    principals[seed.BOT.id] = replace(seed.BOT, graph_permissions=())
    explained = await team.say(AVERY, f"{WHY} @nobody@contoso.example")
    asked = await team.say(DANA, f"request secret {DEMO_API_KEY} for nobody@contoso.example 1h")

    assert "Latchkey doesn't have permission to look this up in the directory" in explained.words
    assert "Latchkey doesn't have permission to ask Microsoft Graph for this" in asked.words


async def test_an_outage_explains_nothing(team: Latchkey) -> None:
    team.sandbox.break_next(refusing("GET", "/secrets", status=503))

    card = await team.say(DANA, WHY)

    assert "Key Vault isn't responding right now, so nothing was done." in card.words


async def test_who_can_request_for_others_and_break_glass_is_shown(team: Latchkey) -> None:
    for_dana = await team.say(DANA, WHY)
    for_morgan = await team.say(MORGAN, WHY)

    assert "For other people\ncan ask" in for_dana.words
    assert "Break glass\nup to 30 minutes" in for_dana.words
    assert "For other people\ncan't ask" in for_morgan.words
    assert "Break glass\nnot allowed" in for_morgan.words
