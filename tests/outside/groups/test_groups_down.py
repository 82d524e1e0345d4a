"""Groups that can't be checked: no one is admitted, and nothing else stops."""

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import PAYMENTS_ON_CALL
from services.people import groups
from tests.outside.group_scenarios import (
    BY_ID,
    BY_NAME,
    approve_by_rule,
    approves,
    asked_briefly,
    checked,
    groups_are_down,
    is_granted,
    put,
    use,
)
from tests.outside.scenarios import asked
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory


@pytest.fixture
async def bot(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with a group as the only approver."""
    await use(latchkey, tmp_path, f'approvers = ["{BY_NAME}"]')
    return latchkey


async def test_while_groups_are_down_a_click_decides_nothing_and_can_be_repeated(
    bot: Latchkey, clock: ManualClock
) -> None:
    await asked(bot)
    await checked(bot, ROBIN)
    clock.advance(seconds=61)
    groups_are_down(bot)
    refused = await approves(bot, ROBIN)
    while_down = is_granted(bot)
    groups_are_down(bot, down=False)
    await approves(bot, ROBIN)

    assert "try again" in refused.sentence.lower()
    assert not while_down
    assert is_granted(bot)


async def test_groups_that_answer_too_late_are_down(
    bot: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(bot)
    await checked(bot, ROBIN)
    clock.advance(seconds=61)
    monkeypatch.setattr(groups, "PATIENCE", timedelta(milliseconds=20))
    bot.sandbox.state.knobs.groups_latency_seconds = 1
    refused = await approves(bot, ROBIN)

    assert "try again" in refused.sentence.lower()
    assert not is_granted(bot)


async def test_while_groups_are_down_a_person_who_is_named_can_still_approve(
    bot: Latchkey, tmp_path: Path, clock: ManualClock
) -> None:
    await use(bot, tmp_path, f'approvers = ["{BY_NAME}", "{seed.MORGAN.mail}"]')
    await asked(bot)
    clock.advance(seconds=61)
    groups_are_down(bot)
    await approves(bot, MORGAN)

    assert is_granted(bot)


async def test_while_groups_are_down_a_request_is_refused_and_nothing_is_stored(
    bot: Latchkey,
) -> None:
    groups_are_down(bot)
    refused = await asked(bot)

    assert "try again" in refused.words.lower()
    assert bot.sent_to(ROBIN) == []
    assert bot.sent_to(AVERY) == []


async def test_while_groups_are_down_no_one_is_an_admin_as_a_member(
    bot: Latchkey, tmp_path: Path, clock: ManualClock
) -> None:
    await bot.restart(ADMIN_USERS=f"{BY_ID}, {seed.MORGAN.id}")
    as_member = await bot.say(ROBIN, "stuck")
    clock.advance(minutes=11)
    groups_are_down(bot)
    while_down = await bot.say(ROBIN, "stuck")
    in_person = await bot.say(MORGAN, "stuck")

    assert "Only admins" not in as_member.words
    assert "try again" in while_down.words.lower()
    assert in_person.words == as_member.words


async def test_an_approval_by_someone_who_was_a_member_then_counts_while_groups_are_down(
    bot: Latchkey, tmp_path: Path, clock: ManualClock
) -> None:
    await use(bot, tmp_path, f'approvers = ["{BY_NAME}", "{seed.MORGAN.mail}"]\nmin_approvals = 2')
    await asked(bot)
    await approves(bot, ROBIN)
    clock.advance(seconds=61)
    groups_are_down(bot)
    await approves(bot, MORGAN)

    assert is_granted(bot)


async def test_access_ends_on_time_while_groups_are_down(bot: Latchkey, clock: ManualClock) -> None:
    await asked(bot)
    await approves(bot, ROBIN)
    before = is_granted(bot)
    groups_are_down(bot)
    clock.advance(hours=2)
    await bot.tick()

    assert before
    assert not is_granted(bot)


async def test_the_requester_can_end_access_while_groups_are_down(bot: Latchkey) -> None:
    await asked(bot)
    await approves(bot, ROBIN)
    groups_are_down(bot)
    await bot.click(DANA, bot.sent_to(DANA)[-1], "I'm done")
    await bot.tick()

    assert not is_granted(bot)


async def test_while_groups_are_down_no_request_is_approved_by_rule(
    bot: Latchkey, tmp_path: Path
) -> None:
    put(bot, PAYMENTS_ON_CALL, seed.DANA.id)
    await approve_by_rule(bot, tmp_path)
    groups_are_down(bot)
    await asked_briefly(bot)

    assert not is_granted(bot)
