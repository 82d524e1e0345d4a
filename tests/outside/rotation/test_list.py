"""The list of rotated secrets, and what admins do from it."""

from pathlib import Path

import pytest

from sandbox.seed import APP_API_KEY
from tests.outside.rotation.test_failures import helpless
from tests.outside.rotation_scenarios import ROTATE, changes, now
from tests.outside.scenarios import correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AUDIT, AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.teams import Json, a_channel, an_execute

pytestmark = pytest.mark.in_memory

ONLY_ADMINS = "Only admins can do that. Ask one of them."


async def test_an_admin_rotates_from_the_list_and_is_asked_once(bot: Latchkey) -> None:
    listed = await bot.say(AVERY, "rotations")
    still_listed = await bot.click(AVERY, listed, "Rotate")
    plan = bot.sent_to(AVERY)[-1]
    before = changes(bot.sandbox)
    await bot.click(AVERY, plan, "Rotate")
    await bot.tick()

    assert (plan.title, plan.status) == ("Rotation plan", "Rotate this secret?")
    assert before == []
    assert still_listed.status == "1 secret is rotated"
    assert now(bot, plan).status == "Rotated, old version not retired yet"


async def test_a_plan_from_the_list_changes_nothing(bot: Latchkey) -> None:
    await bot.click(AVERY, await bot.say(AVERY, "rotations"), "Plan")
    plan = bot.sent_to(AVERY)[-1]

    assert (plan.status, plan.buttons) == ("What a rotation would do", set())
    assert changes(bot.sandbox) == []


async def test_a_click_delivered_twice_asks_once(bot: Latchkey) -> None:
    click = an_execute("rotations.rotate", {"secret": APP_API_KEY}, AVERY)
    await bot.deliver(click)
    await bot.deliver(click)

    assert len([one for one in bot.sent_to(AVERY) if one.title == "Rotation plan"]) == 1


async def test_while_a_rotation_runs_no_other_one_is_offered(bot: Latchkey, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f'[[secret]]\nname = "{APP_API_KEY}"\nrotation.second_admin = true\n')
    await bot.restart(POLICY_FILE=str(file))
    await bot.click(AVERY, await bot.say(AVERY, ROTATE), "Rotate")

    assert (await bot.say(AVERY, "rotations")).buttons == {"Plan"}


async def test_a_rotation_that_needs_a_human_is_retried_from_the_list(
    bot: Latchkey, clock: ManualClock
) -> None:
    card = await helpless(bot, clock)
    listed = await bot.say(ROBIN, "rotations")
    bot.sandbox.state.faults.clear()

    after = await bot.click(ROBIN, listed, "Retry")
    again = await bot.click(ROBIN, listed, "Retry")
    await bot.tick()

    assert "failed, rolling back" in after.words
    assert "There's nothing to retry" in again.sentence
    assert now(bot, card).status == "Rotation failed, rolled back"


async def test_a_rotation_that_needs_a_human_is_abandoned_from_the_list_with_a_reason(
    bot: Latchkey, clock: ManualClock
) -> None:
    card = await helpless(bot, clock)

    await bot.click(ROBIN, await bot.say(ROBIN, "rotations"), "Abandon")
    question = bot.sent_to(ROBIN)[-1]
    kept = await bot.click(ROBIN, question, "Keep it")
    silent = await bot.click(ROBIN, question, "Abandon", reason=" ")
    await bot.click(ROBIN, question, "Abandon", reason="the secret was purged")
    await bot.tick()
    late = await bot.click(ROBIN, question, "Keep it")

    assert question.status == "Abandon this rotation?"
    assert "I left it as it was." in kept.words
    assert "I left it as it was." not in late.words
    assert late.status == "Abandoned, not finished"
    assert f"Say why: abandon {correlation_id(card)}" in silent.sentence
    assert now(bot, card).status == "Abandoned, not finished"


@pytest.mark.parametrize(
    ("button", "shown"),
    [("Abandon", "Abandoned, not finished"), ("Keep it", "I left it as it was.")],
)
async def test_everybody_sees_that_the_question_is_answered(
    bot: Latchkey, clock: ManualClock, button: str, shown: str
) -> None:
    rotation_id = correlation_id(await helpless(bot, clock))
    question = await bot.say(ROBIN, f"abandon {rotation_id} because it was purged", AUDIT)
    await bot.click(ROBIN, question, button)

    assert now(bot, question).buttons == set()
    assert shown in now(bot, question).words


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("rotations.page", {}),
        ("rotations.plan", {"secret": APP_API_KEY}),
        ("rotations.rotate", {"secret": APP_API_KEY}),
        ("rotations.retry", {"rotation": "rot-aaaaaaaaaa"}),
        ("rotations.abandon", {"rotation": "rot-aaaaaaaaaa"}),
    ],
)
async def test_only_admins_can_use_the_list(bot: Latchkey, verb: str, data: Json) -> None:
    answer = await bot.deliver(an_execute(verb, data, DANA))

    assert answer.body["value"] == ONLY_ADMINS
    assert bot.sent_to(DANA) == []
    assert [one for one in bot.sandbox.log if one.path.startswith("/secrets")] == []


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("rotations.page", {"after": "x"}),
        ("rotations.plan", {"secret": "../x"}),
        ("rotations.rotate", {}),
        ("rotations.retry", {"rotation": "rot-aaaaaaaaaa"}),
        ("rotations.abandon", {"rotation": "req-aaaaaaaaaa"}),
    ],
)
async def test_forged_data_is_refused(bot: Latchkey, verb: str, data: Json) -> None:
    answer = await bot.deliver(an_execute(verb, data, AVERY))

    assert isinstance(answer.body["value"], str)
    assert bot.sent_to(AVERY) == []
    assert changes(bot.sandbox) == []


async def test_in_a_channel_the_plan_is_posted_in_the_thread(bot: Latchkey) -> None:
    listed = await bot.say(AVERY, "rotations", a_channel("operations", thread="1"))

    await bot.click(AVERY, listed, "Plan")

    assert [post.conversation_id for post in bot.teams.posted][-1] == listed.place.id
