"""The form for break-glass access, where a line leaves out the reason."""

from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import correlation_id
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import a_channel, a_message, a_personal_chat, an_execute

pytestmark = pytest.mark.in_memory

BREAK = f"break glass {DEMO_API_KEY}"
NOW = "Get access now"
REASON = "the shop is down"
THREAD = a_channel("general", thread="1700000000000")


@pytest.fixture
async def team(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with a policy that allows Dana break-glass access, and Morgan as the admin."""
    file = tmp_path / "policy.toml"
    text = f'[defaults]\nbreak_glass = ["{seed.DANA.mail}"]\nbreak_glass_max = "20m"'
    file.write_text(text, encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file), ADMIN_USERS=seed.MORGAN.mail)
    return latchkey


async def test_a_line_without_a_reason_opens_a_form_for_it(team: Latchkey) -> None:
    form = await team.say(DANA, BREAK)

    assert form.status == "Why do you need it now, and for how long?"
    assert form.inputs == {"justification": "", "duration": "20m"}
    assert form.buttons == {NOW, "Cancel"}
    assert "Say why" not in form.words
    assert team.assigned(DANA) == []


async def test_the_filled_in_form_gives_access_at_once(team: Latchkey) -> None:
    form = await team.say(DANA, f"{BREAK} for 10m")
    await team.click(DANA, form, NOW, justification=REASON)
    await team.tick()

    assert form.inputs == {"justification": "", "duration": "10m"}
    assert await team.read(DANA, DEMO_API_KEY) is not None
    told = team.sent_to(AVERY)[0]
    assert "Dana Developer starts break-glass access to demo-api-key in" in told.words
    assert "for 10 minutes" in told.words
    assert REASON in told.words
    assert team.card_of(DANA).id == form.id


async def test_a_duration_that_cannot_be_read_keeps_the_reason(team: Latchkey) -> None:
    form = await team.say(DANA, f"{BREAK} for 9x because {REASON}")

    assert "I can't read that duration." in form.words
    assert form.inputs == {"justification": REASON, "duration": "9x"}
    assert team.assigned(DANA) == []


async def test_a_duration_that_is_too_long_keeps_the_reason(team: Latchkey) -> None:
    form = await team.say(DANA, f"{BREAK} for 3h because {REASON}")

    assert "Access can last from 5 minutes to 20 minutes." in form.words
    assert form.inputs == {"justification": REASON, "duration": "3h"}


async def test_a_form_with_errors_keeps_what_was_typed(team: Latchkey) -> None:
    form = await team.say(DANA, BREAK)
    unreadable = await team.click(DANA, form, NOW, justification=REASON, duration="for ever")
    too_long = await team.click(DANA, unreadable, NOW, duration="3h")
    unjustified = await team.click(DANA, too_long, NOW, justification=" ", duration="10m")
    before = team.assigned(DANA)
    await team.restart()
    await team.click(DANA, unjustified, NOW, justification=REASON)
    await team.tick()

    assert "I can't read that duration." in unreadable.words
    assert unreadable.inputs == {"justification": REASON, "duration": "for ever"}
    assert "Access can last from 5 minutes to 20 minutes." in too_long.words
    assert "Say why you need it" in unjustified.words
    assert unjustified.status == form.status
    assert before == []
    assert len(team.assigned(DANA)) == 1


async def test_a_form_sent_twice_gives_access_once(team: Latchkey) -> None:
    form = await team.say(DANA, BREAK)
    first = await team.click(DANA, form, NOW, justification=REASON)
    second = await team.click(DANA, form, NOW, justification="another reason")
    await team.tick()

    assert correlation_id(second) == correlation_id(first)
    assert [seen.status for seen in team.audit()].count("Break-glass access started") == 1
    assert "another reason" not in second.words


async def test_a_line_delivered_again_shows_what_its_form_became(team: Latchkey) -> None:
    line = a_message(f"{BREAK} for 9x", DANA)
    await team.deliver(line)
    form = team.sent_to(DANA)[-1]
    await team.click(DANA, form, NOW, justification=REASON, duration="10m")
    await team.tick()
    await team.deliver(line)
    await team.tick()

    assert "duration" not in team.sent_to(DANA)[-1].inputs
    assert len(team.assigned(DANA)) == 1


async def test_a_cancelled_form_gives_no_access_and_stays_closed(team: Latchkey) -> None:
    form = await team.say(DANA, BREAK)
    closed = await team.click(DANA, form, "Cancel")
    late = await team.click(DANA, form, NOW, justification=REASON)
    await team.tick()

    assert "Cancelled. This form is closed." in closed.words
    assert "This form is no longer open." in late.sentence
    assert team.assigned(DANA) == []


async def test_a_click_says_nothing_about_which_form_it_is(team: Latchkey) -> None:
    """A request's form stays one, whatever a click claims."""
    form = await team.say(DANA, f"request secret {DEMO_API_KEY}")
    data = {
        "form": next(iter(form.card["actions"]))["data"]["form"],
        "justification": REASON,
        "duration": "10m",
        "start": "",
        "emergency": True,
    }
    await team.deliver(an_execute("request.submit", data, DANA, card=form.id))
    await team.tick()

    assert team.card_of(DANA).status == "Sent for approval"
    assert team.assigned(DANA) == []


@pytest.mark.parametrize("form_id", ["req-aaaaaaaaaa", "x", "../head"])
async def test_a_forged_form_gives_no_access(team: Latchkey, form_id: str) -> None:
    await team.say(DANA, BREAK)
    data = {"form": form_id, "justification": REASON, "duration": "10m"}

    answer = await team.deliver(an_execute("request.submit", data, DANA))
    await team.tick()

    assert "This form is no longer open." in str(answer.body["value"])
    assert team.assigned(DANA) == []


async def test_whoever_may_not_gets_no_form_and_is_announced(team: Latchkey) -> None:
    refused = await team.say(MORGAN, BREAK)
    await team.tick()

    assert "You're not one of the people who can take break-glass access" in refused.words
    assert refused.inputs == {}
    assert team.audit()[-1].status == "Request blocked by policy"


async def test_whoever_loses_the_right_meanwhile_gets_no_access(
    team: Latchkey, tmp_path: Path
) -> None:
    form = await team.say(DANA, BREAK)
    (tmp_path / "policy.toml").write_text("[defaults]\n", encoding="utf-8")
    await team.restart()
    refused = await team.click(DANA, form, NOW, justification=REASON)
    await team.tick()

    assert "break-glass access to demo-api-key" in refused.words
    assert team.assigned(DANA) == []


async def test_in_a_channel_the_form_goes_to_the_persons_own_chat(team: Latchkey) -> None:
    answer = await team.say(DANA, BREAK, THREAD)
    form = team.sent_to(DANA)[-1]
    await team.click(DANA, form, NOW, justification=REASON)
    await team.tick()
    await team.tick()

    posted = [Seen.of(one) for one in team.teams.posted_in(THREAD.id)]
    assert "The form is in our own chat." in answer.words
    assert form.place.id == a_personal_chat(DANA).id
    assert [seen.status for seen in posted].count("Access granted") == 1
    assert all(REASON not in seen.words for seen in posted)


async def test_nobody_else_can_fill_it_in(team: Latchkey) -> None:
    team.teams.uninstalled_for.add(DANA)
    form = await team.say(DANA, BREAK, THREAD)
    others = await team.click(MORGAN, form, NOW, justification="not mine")
    await team.click(DANA, form, NOW, justification=REASON)
    await team.tick()

    assert "This form belongs to the person who asked for it." in others.sentence
    assert team.assigned(MORGAN) == []
    assert len(team.assigned(DANA)) == 1
