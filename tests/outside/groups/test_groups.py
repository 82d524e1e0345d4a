"""Entra groups in the rules: who is asked, and who is admitted."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from sandbox import seed
from sandbox.seed import PAYMENTS_APPROVERS, PAYMENTS_ON_CALL, DirectoryGroup
from tests.outside.group_scenarios import (
    BY_ID,
    BY_NAME,
    approves,
    is_granted,
    put,
    use,
)
from tests.outside.scenarios import asked
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.groups import add_large_group
from tests.support.latchkey import Latchkey
from tests.support.teams import Person

pytestmark = pytest.mark.in_memory


@pytest.fixture
async def bot(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with a group as the only approver."""
    await use(latchkey, tmp_path, f'approvers = ["{BY_NAME}"]')
    return latchkey


async def test_cards_name_the_group(bot: Latchkey) -> None:
    card = await asked(bot)
    listed = await bot.say(DANA, "secrets")

    for words in (card.words, listed.words, bot.audit()[0].words):
        assert "members of Payments approvers" in words


@pytest.mark.parametrize("person", [AVERY, ROBIN], ids=["directly", "through another group"])
async def test_a_member_can_approve(bot: Latchkey, person: Person) -> None:
    await asked(bot)
    await approves(bot, person)

    assert is_granted(bot)


async def test_disabled_members_are_not_asked(bot: Latchkey) -> None:
    await asked(bot)

    assert "a:" + seed.SAM.id not in bot.teams.conversations


async def test_a_requester_who_is_a_member_cannot_approve_their_own_request(
    bot: Latchkey,
) -> None:
    put(bot, PAYMENTS_APPROVERS, seed.DANA.id, seed.AVERY.id)
    await asked(bot)
    avery = bot.card_of(AVERY)
    refused = await bot.click(DANA, replace(avery, place=bot.sent_to(DANA)[0].place), "Approve")
    await bot.tick()

    assert not is_granted(bot)
    assert "your own" in refused.sentence
    await approves(bot, AVERY)
    assert is_granted(bot)


async def test_a_group_with_the_requester_alone_can_decide_nothing(bot: Latchkey) -> None:
    put(bot, PAYMENTS_APPROVERS, seed.DANA.id)
    refused = await asked(bot)

    assert "I couldn't find enough people other than you" in refused.words


async def test_a_large_group_is_asked_in_the_channel(bot: Latchkey) -> None:
    large = add_large_group(bot.sandbox.state.directory)
    put(bot, PAYMENTS_APPROVERS, large.id, seed.ROBIN.id)
    await asked(bot)
    posted = [seen for seen in bot.audit() if "Approve" in seen.buttons]

    assert len(posted) == 1
    assert not any(f"a:{one}" in bot.teams.conversations for one in (*large.members, seed.ROBIN.id))
    refused = await bot.click(MORGAN, posted[0], "Approve")
    await bot.tick()
    assert "Only its approvers" in refused.sentence
    assert not is_granted(bot)
    await bot.click(ROBIN, posted[0], "Approve")
    await bot.tick()
    assert is_granted(bot)


async def test_a_name_that_two_groups_have_admits_no_one(bot: Latchkey) -> None:
    twin = DirectoryGroup(str(UUID(int=7)), "PAYMENTS APPROVERS")
    put(bot, twin, seed.MORGAN.id)
    refused = await asked(bot)

    assert "I couldn't find enough people" in refused.words
    assert bot.sent_to(AVERY) == []
    assert bot.sent_to(MORGAN) == []


async def test_someone_in_two_groups_counts_once(bot: Latchkey, tmp_path: Path) -> None:
    on_call = f"group:{PAYMENTS_ON_CALL.display_name}"
    await use(bot, tmp_path, f'approvers = ["{BY_NAME}", "{on_call}"]\nmin_approvals = 2')
    await asked(bot)
    await approves(bot, ROBIN)
    after_one = is_granted(bot)
    await approves(bot, AVERY)

    assert len([seen for seen in bot.sent_to(ROBIN) if seen.title == "Access request"]) == 1
    assert not after_one
    assert is_granted(bot)


@pytest.mark.parametrize("members", [[seed.DANA.id], []], ids=["member", "stranger"])
async def test_only_members_of_the_requesters_group_can_ask(
    bot: Latchkey, tmp_path: Path, members: Iterable[str]
) -> None:
    put(bot, PAYMENTS_ON_CALL, *members)
    on_call = f"group:{PAYMENTS_ON_CALL.id}"
    await use(bot, tmp_path, f'approvers = ["{seed.AVERY.mail}"]\nrequesters = ["{on_call}"]')
    await asked(bot)

    assert bool(bot.sent_to(AVERY)) == bool(members)


@pytest.mark.parametrize("members", [[seed.DANA.id], []], ids=["member", "stranger"])
async def test_only_members_of_its_group_can_break_glass(
    bot: Latchkey, tmp_path: Path, members: Iterable[str]
) -> None:
    put(bot, PAYMENTS_ON_CALL, *members)
    await use(
        bot,
        tmp_path,
        f'approvers = ["{seed.AVERY.mail}"]\nbreak_glass = ["group:{PAYMENTS_ON_CALL.id}"]',
    )
    await bot.say(DANA, "break glass demo-api-key because payments are down")
    await bot.tick()

    assert is_granted(bot) == bool(members)


async def test_members_of_the_escalation_group_can_approve_after_a_while(
    bot: Latchkey, tmp_path: Path, clock: ManualClock
) -> None:
    await use(
        bot,
        tmp_path,
        f'approvers = ["{seed.AVERY.mail}"]\nescalate_after = "2h"\n'
        f'escalation = ["group:{PAYMENTS_ON_CALL.id}"]',
    )
    await asked(bot)
    before = bot.sent_to(ROBIN)
    clock.advance(hours=2)
    await bot.tick()
    await approves(bot, ROBIN)

    assert before == []
    assert is_granted(bot)


async def test_in_a_large_group_neither_the_requester_nor_a_disabled_account_can_approve(
    bot: Latchkey,
) -> None:
    large = add_large_group(bot.sandbox.state.directory)
    put(bot, PAYMENTS_APPROVERS, large.id, seed.DANA.id, seed.SAM.id)
    await asked(bot)
    [posted] = [seen for seen in bot.audit() if "Approve" in seen.buttons]
    sam = Person(seed.SAM.display_name, seed.SAM.id)
    sentences = [(await bot.click(who, posted, "Approve")).sentence for who in (DANA, sam)]
    await bot.tick()

    assert not is_granted(bot)
    assert "your own" in sentences[0]
    assert "disabled" in sentences[1]


@pytest.mark.parametrize("members", [[seed.DANA.id], []], ids=["member", "stranger"])
async def test_only_members_of_its_group_can_ask_for_others(
    bot: Latchkey, tmp_path: Path, members: Iterable[str]
) -> None:
    put(bot, PAYMENTS_ON_CALL, *members)
    await use(
        bot,
        tmp_path,
        f'approvers = ["{seed.AVERY.mail}"]\non_behalf = ["group:{PAYMENTS_ON_CALL.id}"]',
    )
    await bot.say(
        DANA, f"request secret demo-api-key for {seed.MORGAN.mail} for 1h because on call"
    )
    await bot.tick()

    assert bool(bot.sent_to(AVERY)) == bool(members)


async def test_whoever_decides_about_two_secrets_is_in_a_group_of_each(
    bot: Latchkey, tmp_path: Path
) -> None:
    put(bot, PAYMENTS_ON_CALL, seed.ROBIN.id, seed.MORGAN.id)
    put(bot, PAYMENTS_APPROVERS, seed.ROBIN.id, seed.AVERY.id)
    await use(
        bot,
        tmp_path,
        f'scope = "secret"\napprovers = ["{BY_ID}"]\n'
        f'[[secret]]\nname = "demo-api-key"\n'
        f'[[secret]]\nname = "app-api-key"\napprovers = ["group:{PAYMENTS_ON_CALL.id}"]\n',
    )
    await bot.say(DANA, "request secret demo-api-key and app-api-key for 1h because on call")
    await bot.tick()
    told = [bool(bot.sent_to(who)) for who in (AVERY, MORGAN, ROBIN)]
    await approves(bot, ROBIN)

    assert told == [False, False, True]
    assert is_granted(bot)
