"""What people are shown who install the bot or ask for help."""

import re
from pathlib import Path

import pytest

from sandbox import seed
from sandbox.faults import InjectedFault
from tests.outside.group_scenarios import BY_NAME, put
from tests.outside.scenarios import refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Person, a_channel, an_installation

pytestmark = pytest.mark.in_memory

DEVELOPER = {"Request access", "My access", "Secrets", "All commands"}
APPROVER = {"Request access", "My access", "Approvals", "All commands"}
ADMIN = {"Request access", "My access", "Rotations", "Stuck", "All commands"}


def commands(card: Seen) -> list[str]:
    """Return the commands on a welcome, without what they do."""
    return card.words.split("\n")[2::2]


def directory_calls(bot: Latchkey) -> int:
    return sum(1 for request in bot.sandbox.log if "/v1.0/" in request.path)


async def test_a_developer_sees_three_lines_and_buttons(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, "help")

    assert card.buttons == DEVELOPER
    assert commands(card) == [
        "request secret NAME for 2h because REASON",
        "my access",
        "secrets",
    ]


@pytest.mark.parametrize(
    ("person", "buttons"), [(DANA, DEVELOPER), (AVERY, APPROVER), (MORGAN, ADMIN)]
)
async def test_everybody_sees_what_they_can_do(
    latchkey: Latchkey, person: Person, buttons: set[str]
) -> None:
    await latchkey.restart(ADMIN_USERS=seed.MORGAN.mail)

    assert (await latchkey.say(person, "help")).buttons == buttons


async def test_an_approver_who_is_an_admin_sees_both(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, "help")

    assert card.buttons == APPROVER | ADMIN
    assert len(commands(card)) == 3


async def test_a_member_of_a_group_is_an_approver(latchkey: Latchkey, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f'[defaults]\napprovers = ["{BY_NAME}"]\n')
    await latchkey.restart(POLICY_FILE=str(file), ADMIN_USERS=seed.MORGAN.mail)
    put(latchkey, seed.PAYMENTS_APPROVERS, ROBIN.object_id)

    assert (await latchkey.say(ROBIN, "help")).buttons == APPROVER
    assert (await latchkey.say(AVERY, "help")).buttons == DEVELOPER


@pytest.mark.parametrize("line", ["Request access", "My access", "Secrets", "All commands"])
async def test_its_buttons_run_commands(latchkey: Latchkey, line: str) -> None:
    card = await latchkey.say(DANA, "help")

    await latchkey.click(DANA, card, line)

    assert len(latchkey.sent_to(DANA)) == 2
    assert latchkey.sent_to(DANA)[-1].words != card.words


async def test_help_asks_the_directory_once_in_ten_minutes(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await latchkey.say(DANA, "help")
    once = directory_calls(latchkey)
    clock.advance(minutes=9)
    await latchkey.say(DANA, "help")
    again = directory_calls(latchkey)

    assert once <= 2  # one for each approver by email
    assert again == once


async def test_an_outage_shows_the_developers_welcome_and_is_not_waited_for_twice(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    latchkey.sandbox.state.faults.add(_outage())
    during = await latchkey.say(AVERY, "help")
    calls = directory_calls(latchkey)
    await latchkey.say(ROBIN, "help")
    spared = directory_calls(latchkey)
    latchkey.sandbox.state.faults.clear()
    clock.advance(seconds=31)
    after = await latchkey.say(AVERY, "help")

    assert during.buttons == DEVELOPER
    assert spared == calls
    assert after.buttons == APPROVER | ADMIN


async def test_in_a_personal_chat_teams_suggests_what_to_type(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, "help")
    await latchkey.say(DANA, "help", a_channel("general"))

    [here] = latchkey.teams.posted_to(DANA)
    [there] = latchkey.teams.posted_in(a_channel("general").id)
    offered = here.activity["suggestedActions"]["actions"]
    assert [one["value"] for one in offered] == ["request", "my access", "secrets"]
    assert "suggestedActions" not in there.activity


async def test_the_welcome_is_posted_once_for_an_installation(latchkey: Latchkey) -> None:
    installation = an_installation(DANA)
    replica = latchkey.another_replica()
    await replica.start()
    for bot in (latchkey, replica):
        await bot.deliver(installation)
    await replica.stop()

    assert [seen.buttons for seen in latchkey.sent_to(DANA)] == [DEVELOPER]


async def test_whoever_installs_it_again_is_greeted_again(latchkey: Latchkey) -> None:
    for _ in range(2):
        await latchkey.deliver(an_installation(DANA))

    assert len(latchkey.sent_to(DANA)) == 2


def _outage() -> InjectedFault:
    return refusing("GET", re.escape("/v1.0/"), status=503)
