"""Break-glass access and its review."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

BREAK = f"break glass {DEMO_API_KEY} because the shop is down"


@pytest.fixture
async def team(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with a policy that allows Dana break-glass access, and Morgan as the admin."""
    file = tmp_path / "policy.toml"
    text = f'[defaults]\nbreak_glass = ["{seed.DANA.mail}"]\nbreak_glass_max = "20m"'
    file.write_text(text, encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file), ADMIN_USERS=seed.MORGAN.mail)
    return latchkey


async def test_the_secret_can_be_read_immediately_for_a_short_time(
    team: Latchkey, clock: ManualClock
) -> None:
    await team.say(DANA, BREAK)
    await team.tick()
    during = await team.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=20)
    await team.tick()

    assert during is not None
    assert await team.read(DANA, DEMO_API_KEY) is None


async def test_nobody_is_told_that_it_was_approved(team: Latchkey) -> None:
    team.assign_by_hand(DANA)
    card = await team.say(DANA, BREAK)
    mine = await team.say(DANA, "my access")
    await team.tick()

    told = team.sent_to(DANA)[-1]
    assert card.status == "Break-glass access requested"
    assert "Break-glass access; being granted" in mine.words
    assert f"Your break-glass access to {DEMO_API_KEY} in demo-vault wasn't granted." in told.words


async def test_everyone_is_notified_immediately(team: Latchkey) -> None:
    await team.say(DANA, BREAK)
    await team.tick()

    for told in (team.sent_to(AVERY), team.sent_to(ROBIN), team.sent_to(MORGAN), team.audit()):
        assert "Dana Developer starts break-glass access to demo-api-key in" in told[0].words
        assert "the shop is down" in told[0].words
    assert team.sent_to(AVERY)[0].buttons == {"Reviewed"}
    assert team.sent_to(MORGAN)[0].buttons == set()


async def test_an_approver_reviews_it_with_a_note_and_is_not_asked_again(
    team: Latchkey, clock: ManualClock
) -> None:
    card = await team.say(DANA, BREAK)
    await team.tick()
    clock.advance(days=1)
    await team.tick()
    asked = team.sent_to(AVERY)[-1]
    await team.click(AVERY, asked, "Reviewed", note="INC0042, fine")
    await team.tick()
    request_id = card.words.rpartition("Correlation ID ")[2].split()[0]
    status = await team.say(DANA, f"status {request_id}")
    clock.advance(days=2)
    await team.tick()

    assert asked.status == "Break-glass access not reviewed yet"
    assert all(seen.buttons == set() for seen in team.sent_to(AVERY))
    assert "reviewed by Avery Approver" in status.words
    assert "INC0042, fine" in team.audit()[-1].words


async def test_an_approver_finds_it_in_their_approvals_and_an_admin_in_stuck(
    team: Latchkey,
) -> None:
    await team.say(DANA, BREAK)
    await team.tick()
    [waiting, card] = await team.say_for_all(AVERY, "approvals")
    stuck = await team.say(MORGAN, "stuck")
    reviewed = await team.click(AVERY, card, "Reviewed", note="INC0042, fine")
    await team.tick()

    assert waiting.status == "1 request is waiting for you"
    assert "Dana Developer started break-glass access to demo-api-key" in waiting.words
    assert card.status == "Break-glass access not reviewed yet"
    assert (
        "break-glass access to demo-api-key in demo-vault hasn't been reviewed yet." in stuck.words
    )
    assert "reviewed by Avery Approver" in reviewed.words
    assert "Nothing is waiting for you" in (await team.say(AVERY, "approvals")).words
    assert "Nothing is stuck" in (await team.say(MORGAN, "stuck")).words


async def test_an_admin_who_has_to_review_it_is_not_asked_for_more_time(
    team: Latchkey, clock: ManualClock
) -> None:
    await team.say(DANA, f"break glass {DEMO_API_KEY} for 15m because the shop is down")
    await team.tick()
    users = team.sandbox.state.directory.users
    for one in (AVERY, ROBIN):
        users[one.object_id] = replace(users[one.object_id], account_enabled=False)
    clock.advance(minutes=11)  # past the directory's cache
    request_id = team.audit()[0].words.rpartition("Correlation ID ")[2].split()[0]
    await team.say(DANA, f"extend {request_id} 5m")
    await team.tick()
    [_, *cards] = await team.say_for_all(MORGAN, "approvals")

    assert [card.buttons for card in cards] == [{"Reviewed"}]
    assert all("Allow" not in seen.buttons for seen in team.sent_to(MORGAN))


async def test_anyone_else_is_referred_to_a_normal_request(team: Latchkey) -> None:
    refused = await team.say(MORGAN, BREAK)

    assert (
        "You're not one of the people who can take break-glass access to demo-api-key"
        in refused.words
    )
    assert team.assigned(MORGAN) == []
