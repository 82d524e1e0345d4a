"""Entra groups in the rules: who is admitted, told and refused, when Graph is asked."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from sandbox import seed
from sandbox.seed import PAYMENTS_APPROVERS, PAYMENTS_ON_CALL, DirectoryGroup
from services.people import groups
from tests.outside.scenarios import asked, correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.groups import add_large_group
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Person

pytestmark = pytest.mark.in_memory

BY_NAME = f"group:{PAYMENTS_APPROVERS.display_name}"
BY_ID = f"group:{PAYMENTS_APPROVERS.id}"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


async def use(bot: Latchkey, policy: Path, text: str) -> None:
    """Restart the bot with a policy file."""
    _write(policy, text)
    await bot.restart(POLICY_FILE=str(policy), ADMIN_USERS=seed.AVERY.mail)


@pytest.fixture
async def bot(latchkey: Latchkey, policy: Path) -> Latchkey:
    """The bot, with a group as the only approver."""
    await use(latchkey, policy, f'approvers = ["{BY_NAME}"]')
    return latchkey


def _write(policy: Path, text: str) -> None:
    policy.write_text(f"[defaults]\n{text}", encoding="utf-8")


def put(bot: Latchkey, group: DirectoryGroup, *members: str) -> None:
    """Create a group, or give it other members."""
    bot.sandbox.state.directory.groups[group.id] = replace(group, members=members)


def groups_are_down(bot: Latchkey, *, down: bool = True) -> None:
    bot.sandbox.state.knobs.groups_available = not down


def is_granted(bot: Latchkey) -> bool:
    return bot.assigned(DANA) != []


async def checked(bot: Latchkey, person: Person) -> Seen:
    """Let the bot check a person's groups; return their card."""
    await bot.say_for_all(person, "approvals")
    return bot.card_of(person)


async def approves(bot: Latchkey, person: Person) -> Seen:
    """Let a person press Approve on their own card."""
    seen = await bot.click(person, bot.card_of(person), "Approve")
    await bot.tick()
    return seen


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
    bot: Latchkey, policy: Path, clock: ManualClock
) -> None:
    await use(bot, policy, f'approvers = ["{BY_NAME}", "{seed.MORGAN.mail}"]')
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
    bot: Latchkey, policy: Path, clock: ManualClock
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
    bot: Latchkey, policy: Path, clock: ManualClock
) -> None:
    await use(bot, policy, f'approvers = ["{BY_ID}"]')
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


async def test_someone_in_two_groups_counts_once(bot: Latchkey, policy: Path) -> None:
    on_call = f"group:{PAYMENTS_ON_CALL.display_name}"
    await use(bot, policy, f'approvers = ["{BY_NAME}", "{on_call}"]\nmin_approvals = 2')
    await asked(bot)
    await approves(bot, ROBIN)
    after_one = is_granted(bot)
    await approves(bot, AVERY)

    assert len([seen for seen in bot.sent_to(ROBIN) if seen.title == "Access request"]) == 1
    assert not after_one
    assert is_granted(bot)


async def test_an_approval_counts_no_longer_once_its_giver_left_the_group(
    bot: Latchkey, policy: Path, clock: ManualClock
) -> None:
    await use(bot, policy, f'approvers = ["{BY_NAME}"]\nmin_approvals = 2')
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


@pytest.mark.parametrize("members", [[seed.DANA.id], []], ids=["member", "stranger"])
async def test_only_members_of_the_requesters_group_can_ask(
    bot: Latchkey, policy: Path, members: Iterable[str]
) -> None:
    put(bot, PAYMENTS_ON_CALL, *members)
    on_call = f"group:{PAYMENTS_ON_CALL.id}"
    await use(bot, policy, f'approvers = ["{seed.AVERY.mail}"]\nrequesters = ["{on_call}"]')
    await asked(bot)

    assert bool(bot.sent_to(AVERY)) == bool(members)


@pytest.mark.parametrize("members", [[seed.DANA.id], []], ids=["member", "stranger"])
async def test_only_members_of_its_group_can_break_glass(
    bot: Latchkey, policy: Path, members: Iterable[str]
) -> None:
    put(bot, PAYMENTS_ON_CALL, *members)
    await use(
        bot,
        policy,
        f'approvers = ["{seed.AVERY.mail}"]\nbreak_glass = ["group:{PAYMENTS_ON_CALL.id}"]',
    )
    await bot.say(DANA, "break glass demo-api-key because payments are down")
    await bot.tick()

    assert is_granted(bot) == bool(members)


async def test_members_of_the_escalation_group_can_approve_after_a_while(
    bot: Latchkey, policy: Path, clock: ManualClock
) -> None:
    await use(
        bot,
        policy,
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


def line_of(card: Seen, subject: str) -> str:
    """Return the card's line for one check, with its mark."""
    [line] = [line for line in card.words.split("\n") if subject in line]
    return line


async def test_doctor_counts_the_people_in_a_group(bot: Latchkey) -> None:
    card = await bot.say(AVERY, "doctor")

    assert line_of(card, "Approver group Payments approvers").startswith("✓ ")
    assert line_of(card, "Approver group Payments approvers").endswith("with 2 people")
    assert line_of(card, "Approvers of ").endswith("2 people for 1 approval")


async def test_doctor_names_a_missing_permission(bot: Latchkey) -> None:
    principals = bot.sandbox.state.directory.service_principals
    principals[seed.BOT.id] = replace(seed.BOT, graph_permissions=("User.Read.All",))
    card = await bot.say(AVERY, "doctor")

    line = line_of(card, "Approver group Payments approvers")
    assert line.startswith("✗ ")
    assert "can't be checked (403 Authorization_RequestDenied" in line
    assert "GroupMember.Read.All" in card.words


async def test_doctor_names_a_quorum_that_a_group_is_too_small_for(
    bot: Latchkey, policy: Path
) -> None:
    await use(bot, policy, f'approvers = ["{BY_NAME}"]\nmin_approvals = 3')
    card = await bot.say(AVERY, "doctor")

    assert line_of(card, "Approvers of ").endswith(
        "only 2 people for 3 approvals, so no request can succeed"
    )


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


async def test_an_approval_by_someone_who_was_a_member_then_counts_while_groups_are_down(
    bot: Latchkey, policy: Path, clock: ManualClock
) -> None:
    await use(bot, policy, f'approvers = ["{BY_NAME}", "{seed.MORGAN.mail}"]\nmin_approvals = 2')
    await asked(bot)
    await approves(bot, ROBIN)
    clock.advance(seconds=61)
    groups_are_down(bot)
    await approves(bot, MORGAN)

    assert is_granted(bot)


@pytest.mark.parametrize("members", [[seed.DANA.id], []], ids=["member", "stranger"])
async def test_only_members_of_its_group_can_ask_for_others(
    bot: Latchkey, policy: Path, members: Iterable[str]
) -> None:
    put(bot, PAYMENTS_ON_CALL, *members)
    await use(
        bot,
        policy,
        f'approvers = ["{seed.AVERY.mail}"]\non_behalf = ["group:{PAYMENTS_ON_CALL.id}"]',
    )
    await bot.say(
        DANA, f"request secret demo-api-key for {seed.MORGAN.mail} for 1h because on call"
    )
    await bot.tick()

    assert bool(bot.sent_to(AVERY)) == bool(members)


async def test_whoever_decides_about_two_secrets_is_in_a_group_of_each(
    bot: Latchkey, policy: Path
) -> None:
    put(bot, PAYMENTS_ON_CALL, seed.ROBIN.id, seed.MORGAN.id)
    put(bot, PAYMENTS_APPROVERS, seed.ROBIN.id, seed.AVERY.id)
    await use(
        bot,
        policy,
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
