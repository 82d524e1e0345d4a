"""Groups whose members, names or existence change while a request is open."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from sandbox import seed
from sandbox.seed import PAYMENTS_APPROVERS, PAYMENTS_ON_CALL, DirectoryGroup
from tests.outside.group_scenarios import (
    BY_ID,
    BY_NAME,
    approve_by_rule,
    approves,
    asked_briefly,
    checked,
    is_granted,
    put,
    use,
)
from tests.outside.scenarios import asked, correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory


@pytest.fixture
async def bot(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with a group as the only approver."""
    await use(latchkey, tmp_path, f'approvers = ["{BY_NAME}"]')
    return latchkey


async def test_a_member_who_was_removed_a_minute_ago_cannot_approve(
    bot: Latchkey, clock: ManualClock
) -> None:
    await asked(bot)
    card = await checked(bot, ROBIN)
    put(bot, PAYMENTS_ON_CALL)
    clock.advance(seconds=61)

    refused = await bot.click(ROBIN, card, "Approve")
    await bot.tick()

    assert not is_granted(bot)
    assert "Only its approvers can decide this request" in refused.sentence


async def test_a_membership_counts_for_a_minute(bot: Latchkey, clock: ManualClock) -> None:
    await asked(bot)
    await checked(bot, ROBIN)
    put(bot, PAYMENTS_ON_CALL)
    clock.advance(seconds=59)
    await approves(bot, ROBIN)

    assert is_granted(bot)


async def test_an_admin_who_was_removed_from_the_group_is_refused(
    bot: Latchkey, clock: ManualClock
) -> None:
    await bot.restart(ADMIN_USERS=BY_ID)
    before = await bot.say(ROBIN, "stuck")
    put(bot, PAYMENTS_ON_CALL)
    clock.advance(seconds=61)
    after = await bot.say(ROBIN, "stuck")

    assert "Only admins" not in before.words
    assert "Only admins" in after.words


async def test_an_approval_counts_no_longer_once_its_giver_left_the_group(
    bot: Latchkey, tmp_path: Path, clock: ManualClock
) -> None:
    await use(bot, tmp_path, f'approvers = ["{BY_NAME}"]\nmin_approvals = 2')
    put(bot, PAYMENTS_APPROVERS, seed.AVERY.id, seed.ROBIN.id, seed.MORGAN.id)
    await asked(bot)
    await approves(bot, ROBIN)
    put(bot, PAYMENTS_APPROVERS, seed.AVERY.id, seed.MORGAN.id)
    clock.advance(seconds=61)
    await approves(bot, AVERY)
    after_two = is_granted(bot)
    await approves(bot, MORGAN)

    assert not after_two
    assert is_granted(bot)


@pytest.mark.parametrize("stays", [True, False], ids=["still a member", "removed"])
async def test_an_extension_needs_someone_who_is_still_a_member(
    bot: Latchkey, clock: ManualClock, stays: bool
) -> None:
    await asked(bot)
    await approves(bot, AVERY)
    clock.advance(hours=1, minutes=50)
    await bot.tick()
    await bot.say(DANA, f"extend {correlation_id(bot.card_of(AVERY))} 1h")
    await bot.tick()
    card = bot.sent_to(ROBIN)[-1]
    await checked(bot, ROBIN)
    if not stays:
        put(bot, PAYMENTS_ON_CALL)
    clock.advance(seconds=61)
    await bot.click(ROBIN, card, "Allow")
    await bot.tick()
    clock.advance(minutes=9)
    await bot.tick()

    assert is_granted(bot) == stays


async def test_a_twin_that_appears_later_approves_nothing(
    bot: Latchkey, clock: ManualClock
) -> None:
    await asked(bot)
    card = await checked(bot, ROBIN)
    put(bot, DirectoryGroup(str(UUID(int=7)), "Payments approvers"), seed.MORGAN.id)
    clock.advance(minutes=11)
    for person in (ROBIN, MORGAN):
        await bot.click(person, card, "Approve")
        await bot.tick()

    assert not is_granted(bot)


async def test_a_group_that_is_named_by_its_id_keeps_its_duty_under_another_name(
    bot: Latchkey, tmp_path: Path, clock: ManualClock
) -> None:
    await use(bot, tmp_path, f'approvers = ["{BY_ID}"]')
    directory = bot.sandbox.state.directory
    directory.groups[PAYMENTS_APPROVERS.id] = replace(PAYMENTS_APPROVERS, display_name="Treasury")
    clock.advance(minutes=11)
    card = await asked(bot)
    await approves(bot, ROBIN)

    assert "members of Treasury" in card.words
    assert is_granted(bot)


async def test_a_group_that_is_named_by_its_name_loses_its_duty_with_it(
    bot: Latchkey, clock: ManualClock
) -> None:
    await asked(bot)
    card = await checked(bot, ROBIN)
    directory = bot.sandbox.state.directory
    directory.groups[PAYMENTS_APPROVERS.id] = replace(PAYMENTS_APPROVERS, display_name="Treasury")
    clock.advance(minutes=11)
    await bot.click(ROBIN, card, "Approve")
    await bot.tick()

    assert not is_granted(bot)


async def test_members_of_a_deleted_group_cannot_approve(bot: Latchkey, clock: ManualClock) -> None:
    await asked(bot)
    card = await checked(bot, ROBIN)
    del bot.sandbox.state.directory.groups[PAYMENTS_APPROVERS.id]
    clock.advance(seconds=61)
    await bot.click(ROBIN, card, "Approve")
    await bot.tick()

    assert not is_granted(bot)


@pytest.mark.parametrize("stays", [True, False], ids=["still a member", "removed"])
async def test_only_someone_who_is_still_a_member_needs_no_approval(
    bot: Latchkey, tmp_path: Path, clock: ManualClock, stays: bool
) -> None:
    put(bot, PAYMENTS_ON_CALL, seed.DANA.id)
    await approve_by_rule(bot, tmp_path)
    await asked_briefly(bot)
    first = bot.assigned(DANA)
    if not stays:
        put(bot, PAYMENTS_ON_CALL)
    clock.advance(minutes=11)
    await bot.tick()
    await asked_briefly(bot)

    assert first != []
    assert is_granted(bot) == stays
    assert bool(bot.sent_to(AVERY)) != stays
