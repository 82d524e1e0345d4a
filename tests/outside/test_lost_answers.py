"""Answers that Teams doesn't take: what was done is shown, and nothing is done twice."""

from pathlib import Path

import pytest

from tests.outside.scenarios import ASKED, asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.teams import Answer, Fault, Json, Person, a_channel, a_message, a_personal_chat

pytestmark = pytest.mark.in_memory

LOST = [Fault(502), Fault(429, retry_after=60)]
NOT_SHOWN = "My answer may not have reached you. What you asked for may have been done"


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("line", [ASKED, "break glass demo-api-key because a fire"])
async def test_a_request_whose_answer_was_lost_is_shown_to_its_person(
    latchkey: Latchkey, tmp_path: Path, fault: Fault, line: str
) -> None:
    await latchkey.restart(POLICY_FILE=_policy(tmp_path, 'break_glass = ["dana@contoso.com"]'))
    latchkey.teams.fail(fault)

    answer = await _post(latchkey, a_message(line, DANA))
    await latchkey.tick()

    card = latchkey.sent_to(DANA)[0]
    assert answer.status == 200
    assert card.title == "Access request"
    assert "Correlation ID req-" in card.words
    assert _texts(latchkey, DANA) == []


async def test_the_card_that_was_lost_is_the_one_that_is_kept_up_to_date(
    latchkey: Latchkey,
) -> None:
    latchkey.teams.fail(Fault(502))
    await _post(latchkey, a_message(ASKED, DANA))
    await latchkey.tick()
    [card] = latchkey.sent_to(DANA)

    await latchkey.click(DANA, card, "Cancel request")
    await latchkey.tick()

    [now] = latchkey.sent_to(DANA)
    assert (now.id, now.status) == (card.id, "Cancelled")


async def test_the_card_waits_for_as_long_as_teams_says(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    chat = a_personal_chat(DANA).id
    latchkey.teams.refusals[chat] = Fault(429, retry_after=60)
    await _post(latchkey, a_message(ASKED, DANA))
    await latchkey.tick()
    before = latchkey.sent_to(DANA)
    del latchkey.teams.refusals[chat]

    clock.advance(seconds=90)
    await latchkey.tick()

    assert before == []
    assert [card.title for card in latchkey.sent_to(DANA)] == ["Access request"]


async def test_a_request_in_a_channel_whose_answer_was_lost_is_shown_to_its_person(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(DANA, "help")
    latchkey.teams.fail(Fault(502))

    await _post(latchkey, a_message(ASKED, DANA, a_channel("general")))
    await latchkey.tick()

    assert [card.title for card in latchkey.sent_to(DANA)][1:] == ["Access request"]


async def test_whoever_misses_an_answer_is_not_told_to_ask_again(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    await latchkey.restart(POLICY_FILE=_policy(tmp_path, 'extend = "freely"'))
    request_id = correlation_id(await granted(latchkey))
    latchkey.teams.fail(Fault(502))

    answer = await _post(latchkey, a_message(f"extend {request_id} 30m", DANA))

    [told] = _texts(latchkey, DANA)
    assert answer.status == 200
    assert told.startswith(NOT_SHOWN)
    assert "try again" not in told


@pytest.mark.parametrize(
    ("line", "person", "shown"),
    [
        ("extend {id} 30m", DANA, "11:30 UTC"),
        ("revoke {id}", DANA, "End this access"),
        ("secrets", DANA, "Secrets"),
    ],
)
async def test_what_nobody_was_told_is_delivered_again_and_not_done_again(
    latchkey: Latchkey, tmp_path: Path, line: str, person: Person, shown: str
) -> None:
    await latchkey.restart(POLICY_FILE=_policy(tmp_path, 'extend = "freely"'))
    request_id = correlation_id(await granted(latchkey))
    message = a_message(line.format(id=request_id), person)
    latchkey.teams.fail(Fault(429, retry_after=60), times=2)

    first = await _post(latchkey, message)
    second = await _post(latchkey, message)

    assert (first.status, second.status) == (503, 200)
    assert shown in latchkey.sent_to(person)[-1].words


@pytest.mark.parametrize(
    ("line", "person", "status"),
    [
        ("approve {id}", AVERY, "Approved"),
        ("deny {id} because not today", AVERY, "Denied"),
        ("cancel {id}", DANA, "Cancelled"),
    ],
)
async def test_a_decision_that_is_delivered_again_is_made_once(
    latchkey: Latchkey, line: str, person: Person, status: str
) -> None:
    request_id = correlation_id(await asked(latchkey))
    message = a_message(line.format(id=request_id), person)
    latchkey.teams.fail(Fault(429, retry_after=60), times=2)

    first = await _post(latchkey, message)
    second = await _post(latchkey, message)
    await latchkey.tick()

    assert (first.status, second.status) == (503, 200)
    assert latchkey.sent_to(person)[-1].title == "Access request"
    assert [part.status for part in latchkey.audit()].count(status) == 1


async def test_somebody_whom_teams_will_never_reach_is_not_delivered_again(
    latchkey: Latchkey,
) -> None:
    latchkey.teams.fail(Fault(403, "MessageWritesBlocked"), times=2)

    answer = await _post(latchkey, a_message("secrets", DANA))

    assert answer.status == 200


def _policy(directory: Path, line: str) -> str:
    file = directory / "policy.toml"
    file.write_text(f"[defaults]\n{line}\n", encoding="utf-8")
    return str(file)


async def _post(latchkey: Latchkey, message: Json) -> Answer:
    """Deliver a message, whatever the bot answers."""
    latchkey.teams.bot_url = latchkey.url
    return await latchkey.teams.deliver(message)


def _texts(latchkey: Latchkey, person: Person) -> list[str]:
    return [one.text for one in latchkey.teams.posted_to(person) if one.text]
