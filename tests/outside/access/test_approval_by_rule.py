"""Requests that the policy approves without a click, and those that go to approvers."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import APP_API_KEY, DEMO_API_KEY, DirectoryGroup
from tests.outside.records.test_export import exported, rows
from tests.outside.scenarios import correlation_id, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Person

pytestmark = pytest.mark.in_memory

ASKED = f"request secret {DEMO_API_KEY} for 30m because deploy, CHG-4711"
HOURS = "Mon-Fri 08:00-18:00 Europe/Berlin"
RULE = ", ".join(
    [
        f'requesters = ["{seed.DANA.mail}", "{seed.GALE.mail}"]',
        'max = "30m"',
        f'hours = "{HOURS}"',
        "ticket = true",
    ]
)
POLICY = f"""
[[secret]]
name = "demo-*"
requestable = true
scope = "secret"
on_behalf = ["{seed.DANA.mail}"]
break_glass = ["{seed.DANA.mail}"]
guests = true
ticket = 'CHG-\\d+'
auto_approve = {{ {RULE} }}
"""
GALE = Person(seed.GALE.display_name, seed.GALE.id)
WAITS = "Sent for approval"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


@pytest.fixture
async def team(latchkey: Latchkey, file: Path) -> Latchkey:
    """The bot, on a Monday at ten in Berlin, with a rule that approves Dana's requests."""
    await run_with(latchkey, file, POLICY)
    return latchkey


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


async def run_with(latchkey: Latchkey, file: Path, text: str) -> None:
    write(file, text)
    await latchkey.restart(POLICY_FILE=str(file))


async def granted(team: Latchkey) -> Seen:
    card = await team.say(DANA, ASKED)
    await team.tick()
    return card


async def test_a_request_within_the_rule_is_granted_without_a_click(team: Latchkey) -> None:
    card = await granted(team)

    assert card.status == "Approved by rule"
    assert await team.read(DANA, DEMO_API_KEY) is not None
    assert team.sent_to(AVERY) == team.sent_to(ROBIN) == []


async def test_every_card_and_message_says_that_a_rule_approved_it(team: Latchkey) -> None:
    request_id = correlation_id(await granted(team))

    said = "Approved by rule demo-*"
    assert said in (await team.say(DANA, f"status {request_id}")).words
    assert said in team.sent_to(DANA)[-1].words
    assert "Granted by rule" in (await team.say(DANA, "my access")).words
    assert "Approved by\nrule demo-*" in (await team.say(AVERY, f"revoke {request_id}")).words
    requested, approved, access = team.audit()
    assert said in requested.words
    assert said in access.words
    assert approved.status == "Approved by rule"
    assert "approved Dana Developer's request for demo-api-key" in approved.words
    assert f"named requesters, at most 30 minutes, {HOURS}, with a ticket" in approved.words


async def test_history_report_and_export_tell_it_from_approval_by_people(
    team: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(team))
    await team.say(DANA, f"request secret {DEMO_API_KEY} for 1h because deploy, CHG-4711")
    await team.tick()
    await team.click(AVERY, team.card_of(AVERY), "Approve")
    await team.tick()

    timeline = await team.say(AVERY, f"history {request_id}")
    history = await team.say(AVERY, "history")
    report = await team.say(AVERY, "report")
    events = [row for row in rows(await exported(team, "export")) if row["workflow"] == request_id]

    assert "Latchkey\nApproved by rule: The policy approved" in timeline.words
    assert history.words.count("approved by rule") == 1
    assert "2\n1 by people, 1 by rule" in report.words
    assert [row["event"] for row in events] == ["requested", "approved_by_rule", "granted"]
    assert [row["by"] for row in events] == ["Dana Developer", "", ""]
    assert '"rule":"demo-*"' in events[1]["stored_event"]


async def test_it_ends_on_time(team: Latchkey, clock: ManualClock) -> None:
    await granted(team)
    clock.advance(minutes=30)
    await team.tick()

    assert team.assigned(DANA) == []


async def test_an_approver_can_end_it_early(team: Latchkey) -> None:
    request_id = correlation_id(await granted(team))
    await team.click(AVERY, await team.say(AVERY, f"revoke {request_id}"), "End access")
    await team.tick()

    assert team.assigned(DANA) == []


async def test_outside_its_hours_approvers_decide(team: Latchkey, clock: ManualClock) -> None:
    clock.advance(hours=8)  # 18:00 in Berlin

    card = await granted(team)

    assert card.status == WAITS
    assert team.card_of(AVERY).status == "Waiting for approval"
    assert team.assigned(DANA) == []


@pytest.mark.parametrize(
    ("person", "typed"),
    [
        (DANA, f"request secret {DEMO_API_KEY} for 31m because deploy, CHG-4711"),
        (MORGAN, ASKED),
        (GALE, ASKED),
        (
            DANA,
            f"request secret {DEMO_API_KEY} for {seed.MORGAN.mail} for 30m because CHG-4711",
        ),
        (DANA, f"request secret {DEMO_API_KEY} for 30m from 13:00 because CHG-4711"),
        (DANA, f"request secret {DEMO_API_KEY} and {APP_API_KEY} for 30m because CHG-4711"),
    ],
    ids=[
        "too long",
        "not named",
        "a guest",
        "for somebody else",
        "later",
        "one secret without a rule",
    ],
)
async def test_whatever_the_rule_does_not_cover_goes_to_approvers(
    team: Latchkey, person: Person, typed: str
) -> None:
    card = await team.say(person, typed)
    await team.tick()

    assert card.status == WAITS
    assert team.card_of(AVERY).status == "Waiting for approval"


async def test_while_the_directory_does_not_answer_approvers_decide(
    latchkey: Latchkey, file: Path
) -> None:
    await run_with(latchkey, file, POLICY.replace(seed.DANA.mail, seed.DANA.id))
    latchkey.sandbox.break_next(refusing("GET", f"/users/{seed.DANA.id}", status=503))

    card = await granted(latchkey)

    assert card.status == WAITS
    assert latchkey.assigned(DANA) == []


async def test_several_secrets_are_granted_if_every_rule_approves(
    latchkey: Latchkey, file: Path
) -> None:
    other = POLICY.replace("demo-*", APP_API_KEY).replace('"30m"', '"15m"')
    await run_with(latchkey, file, POLICY + other)
    both = f"request secret {DEMO_API_KEY} and {APP_API_KEY}"

    longer = await latchkey.say(DANA, f"{both} for 30m because deploy, CHG-4711")
    card = await latchkey.say(DANA, f"{both} for 15m because deploy, CHG-4711")
    await latchkey.tick()

    assert longer.status == WAITS
    assert "Approved by rules demo-* and app-api-key" in card.words
    assert await latchkey.read(DANA, APP_API_KEY) is not None


async def test_break_glass_access_is_still_reviewed(team: Latchkey) -> None:
    await team.say(DANA, f"break glass {DEMO_API_KEY} for 10m because down, CHG-4711")
    await team.tick()

    assert "Break-glass access started" in [message.status for message in team.audit()]
    assert team.sent_to(AVERY)[-1].buttons == {"Reviewed"}


async def test_the_form_leads_to_the_same_decision(team: Latchkey) -> None:
    form = await team.say(DANA, f"request secret {DEMO_API_KEY}")

    card = await team.click(
        DANA, form, "Send for approval", justification="deploy, CHG-4711", duration="30m"
    )
    await team.tick()

    assert card.status == "Approved by rule"
    assert await team.read(DANA, DEMO_API_KEY) is not None


async def test_a_later_change_of_the_rule_does_not_affect_access_that_it_approved(
    team: Latchkey, file: Path
) -> None:
    request_id = correlation_id(await granted(team))
    write(file, POLICY.partition("auto_approve")[0])
    await team.look_at_policy_file()
    await team.tick()

    card = await team.say(DANA, f"status {request_id}")
    again = await team.say(DANA, ASKED)

    assert card.status == "Granted, approved by rule"
    assert again.status == WAITS


async def test_more_time_needs_an_approver(team: Latchkey) -> None:
    request_id = correlation_id(await granted(team))

    await team.say(DANA, f"extend {request_id} 5m")
    await team.tick()

    asked = team.sent_to(AVERY)[-1]
    assert asked.status == "Extension requested"
    assert "Approved by rule demo-*" in asked.words
    assert asked.buttons == {"Allow", "Refuse"}


async def test_freely_extended_access_never_lasts_longer_than_the_rule_approves(
    latchkey: Latchkey, file: Path
) -> None:
    freely = POLICY.replace("guests = true", 'guests = true\nextend = "freely"')
    await run_with(latchkey, file, freely)
    card = await latchkey.say(DANA, ASKED.replace("30m", "20m"))
    await latchkey.tick()

    await latchkey.say(DANA, f"extend {correlation_id(card)} 10m")
    await latchkey.tick()
    within = latchkey.sent_to(AVERY)
    await latchkey.say(DANA, f"extend {correlation_id(card)} 1m")
    await latchkey.tick()

    assert within == []
    assert latchkey.sent_to(AVERY)[-1].status == "Extension requested"


async def test_a_rule_can_name_a_group_whose_members_are_checked_at_that_moment(
    latchkey: Latchkey, file: Path, clock: ManualClock
) -> None:
    named = 'requesters = ["group:Deployers"]'
    await run_with(latchkey, file, POLICY.replace(RULE.partition(", max")[0], named))
    deployers = DirectoryGroup("70000000-0000-4000-8000-0000000000d1", "Deployers", (seed.DANA.id,))
    latchkey.sandbox.state.directory.groups[deployers.id] = deployers

    by_rule = await granted(latchkey)
    latchkey.sandbox.state.directory.groups[deployers.id] = replace(deployers, members=())
    clock.advance(minutes=2)
    by_approvers = await granted(latchkey)

    assert by_rule.status == "Approved by rule"
    assert by_approvers.status == WAITS
