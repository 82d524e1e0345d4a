"""Who can rotate, and how others are refused."""

from pathlib import Path

import pytest

from sandbox.seed import APP_API_KEY, DEMO_API_KEY, LITERAL_SETTING, VAULT
from tests.outside.rotation_scenarios import (
    ROTATE,
    audit,
    begun,
    changes,
    now,
    planned,
    set_by_hand,
    settings,
    versions,
)
from tests.outside.scenarios import correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import Json, Person, a_channel, an_execute

pytestmark = pytest.mark.in_memory

ONLY_ADMINS = "Only admins can do that. Ask one of them."
ABANDON = "abandon rot-aaaaaaaaaa because it cannot end"
TWO_ADMINS = f'[[secret]]\nname = "{APP_API_KEY}"\nrotation.second_admin = true\n'


async def _click_with(bot: Latchkey, person: Person, card: Seen, title: str, **forged: str) -> str:
    """Press a button with tampered data; return the answer's text."""
    action = buttons(card.card)[title]
    click = an_execute(action["verb"], action["data"] | forged, person, card.place, card=card.id)
    return str((await bot.deliver(click)).body["value"])


async def _send(bot: Latchkey, person: Person, verb: str, data: Json) -> str:
    """Send a click that no card offered; return the answer's text."""
    return str((await bot.deliver(an_execute(verb, data, person))).body["value"])


@pytest.mark.parametrize(
    "typed", [f"plan {APP_API_KEY}", ROTATE, "rotations", "retry rot-aaaaaaaaaa", ABANDON]
)
async def test_only_admins_can_plan_rotate_list_and_retry(bot: Latchkey, typed: str) -> None:
    answer = await bot.say(DANA, typed)

    assert ONLY_ADMINS in answer.words
    assert [one for one in bot.sandbox.log if one.path.startswith("/secrets")] == []


async def test_only_an_admin_can_confirm(bot: Latchkey) -> None:
    plan = await bot.say(AVERY, ROTATE, a_channel("operations"))
    refused = await bot.click(DANA, plan, "Rotate")
    await bot.tick()

    assert refused.sentence == ONLY_ADMINS
    assert changes(bot.sandbox) == []


async def test_admins_come_from_the_configuration_and_need_not_be_approvers(bot: Latchkey) -> None:
    await bot.restart(ADMIN_USERS="morgan.maintainer@contoso.com")
    refused = await bot.say(AVERY, ROTATE)
    card = await begun(bot, MORGAN)

    assert ONLY_ADMINS in refused.words
    assert "requested by Morgan Maintainer." in card.words


@pytest.mark.parametrize("secret", [DEMO_API_KEY, "no-such-key", "no/name", "*"])
@pytest.mark.parametrize("verb", ["plan", "rotate"])
async def test_a_secret_without_a_rotation_policy_is_not_rotated(
    bot: Latchkey, verb: str, secret: str
) -> None:
    answer = await bot.say(AVERY, f"{verb} {secret}")

    assert f"{secret} isn't set up for rotation." in answer.words
    assert [one for one in bot.sandbox.log if one.path.startswith("/secrets")] == []


async def test_an_unreadable_secret_gets_a_plan_but_is_not_rotated(bot: Latchkey) -> None:
    await bot.restart(ROTATION_SECRET_NAME="no-such-key")
    plan = await bot.say(AVERY, "rotate no-such-key")

    assert plan.status == "It would stop: fix the marked errors first"
    assert "The current version can't be read: 403 ForbiddenByRbac" in plan.words
    assert plan.buttons == set()


async def test_a_confirmation_cannot_be_used_for_another_secret(bot: Latchkey) -> None:
    sentence = await _click_with(bot, AVERY, await planned(bot), "Rotate", secret=DEMO_API_KEY)
    await bot.tick()

    assert "demo-api-key isn't set up for rotation." in sentence
    assert changes(bot.sandbox) == []


async def test_a_plan_that_the_rules_have_left_behind_cannot_be_confirmed(bot: Latchkey) -> None:
    set_by_hand(bot.sandbox, OTHER_KEY=settings(bot.sandbox)[LITERAL_SETTING])
    plan = await planned(bot)
    await bot.restart(DEPENDENT_APP_SETTING="OTHER_KEY")
    refused = await bot.click(AVERY, plan, "Rotate")
    await bot.tick()
    before = changes(bot.sandbox)
    await begun(bot)

    assert "OTHER_KEY" not in plan.words
    assert "have changed since this plan was made, so nothing was started." in refused.sentence
    assert before == []
    assert settings(bot.sandbox)["OTHER_KEY"] == versions(bot.sandbox)[-1].value


async def test_a_confirmation_that_names_no_rules_starts_nothing(bot: Latchkey) -> None:
    sentence = await _click_with(bot, AVERY, await planned(bot), "Rotate", rules="")
    await bot.tick()

    assert "have changed since this plan was made, so nothing was started." in sentence
    assert changes(bot.sandbox) == []


@pytest.mark.parametrize("forged", ["", "rot-", "rot-TOO_LOUD!!", "req-aaaaaaaaaa", "../../head"])
async def test_an_invalid_id_is_never_looked_up(bot: Latchkey, forged: str) -> None:
    sentence = await _click_with(bot, AVERY, await planned(bot), "Rotate", rotation=forged)
    typed = await bot.say(AVERY, f"retry {forged or '?'}")
    await bot.tick()

    assert "I can't find a rotation with that ID." in sentence
    assert "I can't find a request or rotation with that ID that you can see." in typed.words
    assert changes(bot.sandbox) == []


@pytest.mark.parametrize(
    "verb", ["rotation.approve", "rotation.deny", "rotation.retry", "rotation.abandon"]
)
async def test_an_unknown_rotation_cannot_be_answered(bot: Latchkey, verb: str) -> None:
    sentence = await _send(bot, AVERY, verb, {"rotation": "rot-aaaaaaaaaa"})

    assert sentence == "I can't find a rotation with that ID."


async def test_a_requests_id_is_not_accepted_for_a_rotation(bot: Latchkey) -> None:
    request = await bot.say(DANA, "request secret demo-api-key for 2h because smoke test")
    disguised = correlation_id(request).replace("req-", "rot-")
    answer = await bot.say(AVERY, f"retry {disguised}")

    assert "I can't find a rotation with that ID." in answer.words


async def test_a_successful_rotation_cannot_be_retried(bot: Latchkey) -> None:
    rotation_id = correlation_id(await begun(bot))
    answer = await bot.say(ROBIN, f"Retry {rotation_id.upper()}")

    assert "There's nothing to retry: this rotation is overlapping." in answer.words


async def test_a_successful_rotation_cannot_be_abandoned(bot: Latchkey) -> None:
    rotation_id = correlation_id(await begun(bot))
    answer = await bot.say(ROBIN, f"Abandon {rotation_id.upper()} because I do not like it")

    assert "Only a rotation that needs a human can be abandoned" in answer.words


async def test_an_admin_can_abandon_a_rotation_whose_secret_was_purged(
    bot: Latchkey, clock: ManualClock
) -> None:
    card = await begun(bot)
    rotation_id = correlation_id(card)
    del bot.sandbox.state.vaults[VAULT].secrets[APP_API_KEY]
    clock.advance(hours=24)
    for _ in range(10):
        await bot.tick()
        clock.advance(minutes=5)
    helpless = now(bot, card)
    said = f"abandon {rotation_id}"

    without = await bot.say(ROBIN, said)
    question = await bot.say(ROBIN, f"{said} because the secret was purged")
    await bot.click(ROBIN, question, "Abandon", reason="the secret was purged")
    await bot.tick()

    stuck = await bot.say(ROBIN, "stuck")
    assert helpless.status == "Needs a human"
    assert f"Say why: {said} because REASON" in without.words
    assert "Couldn't read which version is current" in question.words
    assert "changed to the new value and not restored" in question.words
    assert now(bot, card).status == "Abandoned, not finished"
    assert audit(bot, rotation_id)[-1] == "Rotation abandoned"
    assert rotation_id not in stuck.words


@pytest.fixture
async def wary(bot: Latchkey, tmp_path: Path) -> Latchkey:
    """A bot whose rules require approval by a second admin."""
    rules = tmp_path / "policy.toml"
    rules.write_text(TWO_ADMINS, encoding="utf-8")
    await bot.restart(POLICY_FILE=str(rules))
    return bot


async def test_nothing_is_changed_before_the_second_admin_approves(wary: Latchkey) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()

    asked = wary.sent_to(ROBIN)[-1]
    assert "Another admin has to approve\nRobin Reviewer" in plan.words
    assert now(wary, plan).status == "Waiting for another admin's approval"
    assert now(wary, plan).buttons == set()
    assert asked.buttons == {"Approve", "Deny"}
    assert "requested by Avery Approver." in asked.words
    assert changes(wary.sandbox) == []


async def test_only_another_admin_gets_the_buttons_with_the_status(wary: Latchkey) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()
    typed = f"status {correlation_id(now(wary, plan))}"

    assert (await wary.say(AVERY, typed)).buttons == set()
    assert (await wary.say(ROBIN, typed)).buttons == {"Approve", "Deny"}


async def test_it_is_rotated_once_the_second_admin_approves(wary: Latchkey) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()
    await wary.click(ROBIN, wary.sent_to(ROBIN)[-1], "Approve")
    await wary.tick()

    card = now(wary, plan)
    assert card.status == "Rotated, old version not retired yet"
    assert "requested by Avery Approver. Robin Reviewer approved it." in card.words
    assert wary.sent_to(ROBIN)[-1].buttons == set()
    assert audit(wary, correlation_id(card)) == [
        "Rotation requested",
        "Rotation started",
        "Rotated",
    ]


async def test_no_one_can_approve_their_own_rotation(wary: Latchkey) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()
    asked = wary.sent_to(ROBIN)[-1]
    refused = await wary.click(AVERY, asked, "Approve")
    await wary.tick()

    assert refused.sentence.endswith("another admin has to approve it.")
    assert changes(wary.sandbox) == []


async def test_a_denial_by_the_second_admin_ends_it(wary: Latchkey) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()
    asked = wary.sent_to(ROBIN)[-1]
    await wary.click(ROBIN, asked, "Deny")
    late = await wary.click(ROBIN, asked, "Approve")
    await wary.tick()

    assert now(wary, plan).status == "Denied, nothing changed"
    assert late.sentence == "This rotation is no longer waiting for approval: it is denied."
    assert wary.sent_to(AVERY)[-1].status == "Rotation denied"
    assert changes(wary.sandbox) == []


async def test_the_second_admin_can_answer_by_text(wary: Latchkey) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()
    rotation_id = correlation_id(now(wary, plan))
    refused = [await wary.say(one, f"approve {rotation_id} because I can") for one in (AVERY, DANA)]
    await wary.say(ROBIN, f"approve {rotation_id} because it is due")
    await wary.tick()

    [started] = [post for post in wary.audit() if post.status == "Rotation started"]
    assert refused[0].words.endswith("another admin has to approve it.")
    assert refused[1].words == ONLY_ADMINS
    assert "Note\nit is due" in started.words
    assert now(wary, plan).status == "Rotated, old version not retired yet"


async def test_the_second_admin_can_deny_by_text(wary: Latchkey) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()
    rotation_id = correlation_id(now(wary, plan))
    await wary.say(ROBIN, f"deny {rotation_id} because not on a Friday")
    await wary.tick()

    [denied] = [post for post in wary.audit() if post.status == "Rotation denied"]
    assert "Note\nnot on a Friday" in denied.words
    assert changes(wary.sandbox) == []


async def test_it_expires_if_no_one_approves_in_time(wary: Latchkey, clock: ManualClock) -> None:
    plan = await planned(wary)
    await wary.click(AVERY, plan, "Rotate")
    await wary.tick()
    clock.advance(hours=8)
    await wary.tick()

    assert now(wary, plan).status == "Expired: no one approved in time"
    assert len(versions(wary.sandbox)) == 2


async def test_nothing_starts_without_a_second_admin(wary: Latchkey) -> None:
    await wary.restart(ADMIN_USERS="avery@contoso.com")
    answer = await planned(wary)

    assert answer.buttons == set()
    assert "I couldn't find anyone but you to approve a rotation" in answer.words
