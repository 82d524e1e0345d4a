"""Access that a rule of the policy approves, with a start in the future."""

from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

# It is Monday, 10:00 in Berlin.
ASKED = f"request secret {DEMO_API_KEY} for 30m from 13:00 because deploy"
IN_THE_EVENING = f"request secret {DEMO_API_KEY} for 30m from 20:00 because deploy"
RULE = (
    f'requesters = ["{seed.DANA.mail}"], max = "30m", hours = "Mon-Fri 08:00-18:00 Europe/Berlin"'
)
POLICY = f"""
[[secret]]
name = "{DEMO_API_KEY}"
requestable = true
scope = "secret"
auto_approve = {{ {RULE} }}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


@pytest.fixture
async def team(latchkey: Latchkey, file: Path) -> Latchkey:
    write(file, POLICY)
    await latchkey.restart(POLICY_FILE=str(file))
    return latchkey


async def test_what_a_rule_approves_is_granted_at_its_start(
    team: Latchkey, clock: ManualClock
) -> None:
    card = await team.say(DANA, ASKED)
    clock.advance(hours=3, seconds=-1)
    await team.tick()
    before = team.assigned(DANA)
    clock.advance(seconds=1)
    await team.tick()

    assert card.status == "Approved by rule, starts later"
    assert before == []
    assert await team.read(DANA, DEMO_API_KEY) is not None
    assert team.sent_to(AVERY) == team.sent_to(ROBIN) == []


async def test_the_rules_hours_are_those_of_the_start(team: Latchkey) -> None:
    card = await team.say(DANA, IN_THE_EVENING)

    assert card.status == "Waiting for approval"


async def test_a_rule_that_no_longer_approves_it_grants_nothing(
    team: Latchkey, clock: ManualClock, file: Path
) -> None:
    await team.say(DANA, ASKED)
    write(file, POLICY.replace('max = "30m"', 'max = "20m"'))
    await team.look_at_policy_file()
    clock.advance(hours=3)
    await team.tick()

    assert team.assigned(DANA) == []
    assert "The rule that approved this doesn't approve it now" in team.audit()[-1].words
    assert team.sent_to(DANA)[-1].status == "Access not granted"


async def test_other_approvers_do_not_matter_to_what_a_rule_approved(
    team: Latchkey, clock: ManualClock, file: Path
) -> None:
    await team.say(DANA, ASKED)
    write(file, f'{POLICY}approvers = ["{seed.ROBIN.mail}"]')
    await team.look_at_policy_file()
    clock.advance(hours=3)
    await team.tick()

    assert len(team.assigned(DANA)) == 1
