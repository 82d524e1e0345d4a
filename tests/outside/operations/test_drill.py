"""Drills: a canary grant, given and taken away to see that both work."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox import seed
from tests.outside.scenarios import correlation_id, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey, RunWith, running_latchkey
from tests.support.people import Seen
from tests.support.sandbox import Sandbox
from tests.support.tables.held_table import HeldTable
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import Person, Teams, a_channel

pytestmark = pytest.mark.in_memory

ASSIGNMENTS = "/roleAssignments/"
CANARY = Person(seed.CANARY.display_name, seed.CANARY.id)
VARIABLES = {"DRILL_SECRET": seed.DRILL_SECRET, "DRILL_PRINCIPAL_ID": seed.CANARY.id}


@pytest.fixture
async def latchkey(run_with: RunWith) -> AsyncIterator[Latchkey]:
    async with run_with(VARIABLES) as running:
        yield running


async def begun(bot: Latchkey) -> Seen:
    """Let Avery begin a drill; return the card that follows it."""
    question = await bot.say(AVERY, "drill")
    answer = await bot.click(AVERY, question, "Begin")
    assert answer is not None
    await bot.tick()
    return answer


def statuses(bot: Latchkey) -> list[str]:
    return [post.status for post in bot.audit()]


async def test_a_drill_gives_access_to_nobody_and_takes_it_away_again(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    card = await begun(latchkey)
    drill_id = correlation_id(card)
    [held] = latchkey.assigned(CANARY)
    clock.advance(seconds=60.4)
    await latchkey.tick()

    assert card.status == "Giving access"
    assert held["scope"].endswith("/demo-vault/secrets/drill-canary")
    assert held["description"].startswith(f"Latchkey {drill_id}: ")
    assert latchkey.assigned(CANARY) == []
    assert statuses(latchkey) == ["Drill begun", "Drill succeeded"]
    followed = latchkey.sent_to(AVERY)[-1]
    assert followed.status == "Succeeded"
    assert "0.4 seconds after its end" in followed.words

    report = await latchkey.say(AVERY, "report")
    assert "1 of 1 drill succeeded" in report.words
    assert "at most 0.4 seconds" in report.words
    assert "nothing had to end" in report.words
    mine = await latchkey.say(AVERY, "my access")
    history = await latchkey.say(AVERY, "history")
    status = await latchkey.say(AVERY, f"status {drill_id}")
    doctor = await latchkey.say(AVERY, "doctor")
    assert drill_id not in mine.words
    assert "drill by Avery Approver" in history.words
    assert status.status == "Succeeded"
    for seen in ("drill-canary exists", "is a user who can't sign in", f"{drill_id} succeeded"):
        assert seen in doctor.words


async def test_only_admins_can_drill_and_nobody_can_request_the_canary(latchkey: Latchkey) -> None:
    question = await latchkey.say(AVERY, "drill")

    typed = await latchkey.say(DANA, "drill")
    await latchkey.click(DANA, question, "Begin")
    requested = await latchkey.say(DANA, f"request secret {seed.DRILL_SECRET} for 5m because why")
    await latchkey.tick()

    assert "Only admins" in typed.words
    assert "drill-canary" not in (await latchkey.say(DANA, "secrets")).words
    assert "isn't on the list of requestable secrets" in requested.words
    assert latchkey.assigned(CANARY) == []
    assert latchkey.assigned(DANA) == []


async def test_a_drill_cancelled_while_it_is_beginning_gives_nothing(latchkey: Latchkey) -> None:
    table = HeldTable("workflow~drl-")
    latchkey.use_table(table)
    await latchkey.restart()
    question = await latchkey.say(AVERY, "drill", a_channel("operations"))
    beginning = asyncio.create_task(latchkey.click(AVERY, question, "Begin"))
    await table.is_reached.wait()
    cancelled = await latchkey.click(ROBIN, question, "Cancel")
    table.goes_on.set()
    answer = await beginning
    await latchkey.tick()

    assert "Cancelled. This drill wasn't begun." in cancelled.words
    assert answer.sentence.startswith("Robin Reviewer cancelled this on 2 Mar 2026, 09:00 UTC")
    assert statuses(latchkey) == []
    assert latchkey.assigned(CANARY) == []


async def test_a_drill_that_was_cancelled_is_never_begun(latchkey: Latchkey) -> None:
    question = await latchkey.say(AVERY, "drill", a_channel("operations"))
    await latchkey.click(AVERY, question, "Cancel")

    answer = await latchkey.click(ROBIN, question, "Begin")
    await latchkey.tick()

    assert answer.sentence.startswith("Avery Approver cancelled this on 2 Mar 2026, 09:00 UTC")
    assert statuses(latchkey) == []


async def test_a_drill_that_has_begun_is_shown_instead_of_cancelled(latchkey: Latchkey) -> None:
    question = await latchkey.say(AVERY, "drill", a_channel("operations"))
    await latchkey.click(AVERY, question, "Begin")

    answer = await latchkey.click(ROBIN, question, "Cancel")

    assert answer.status == "Giving access"


async def test_a_canary_that_azure_keeps_is_stuck_alarmed_and_taken_away_by_the_next_replica(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    drill_id = correlation_id(await begun(latchkey))
    latchkey.sandbox.break_next(refusing("DELETE", ASSIGNMENTS))
    for _ in range(8):
        clock.advance(minutes=1)
        await latchkey.tick()

    listed = await latchkey.say(AVERY, "stuck")
    status, ready = await latchkey.get("/readyz")
    latchkey.sandbox.state.faults.clear()
    await latchkey.restart()
    clock.advance(minutes=6)
    await latchkey.tick()

    assert drill_id in listed.words
    assert (status, drill_id in ready) == (503, True)
    assert latchkey.assigned(CANARY) == []
    assert statuses(latchkey) == ["Drill begun", "Revocation stuck", "Drill failed"]


async def test_lost_tables_leave_no_canary_behind(
    latchkey: Latchkey, sandbox: Sandbox, teams: Teams, clock: ManualClock
) -> None:
    await begun(latchkey)
    afresh = Latchkey(teams, sandbox, clock, latchkey.environment, MemoryTable())
    clock.advance(minutes=20)

    async with running_latchkey(afresh):
        await afresh.reconcile()
        await afresh.tick()

    assert latchkey.assigned(CANARY) == []
