"""Overdue access: what people see and what they can do."""

import re

import pytest

from sandbox.calls import Reply
from sandbox.faults import InjectedFault, When
from tests.outside.rotation_scenarios import now
from tests.outside.scenarios import asked, correlation_id, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AUDIT, AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

ASSIGNMENTS = "/roleAssignments/"


def late(method: str, seconds: float, times: int = 1) -> InjectedFault:
    """Leave such requests unanswered, and carry them out later."""
    answer = Reply(504, {"error": {"code": "GatewayTimeout", "message": "not in time"}})
    path = re.compile(ASSIGNMENTS)
    return InjectedFault(method, path, when=When.LATE, seconds=seconds, answer=answer, times=times)


async def _overdue(latchkey: Latchkey, clock: ManualClock) -> str:
    """Let access end while Azure refuses to remove it; return its ID."""
    request_id = correlation_id(await granted(latchkey))
    latchkey.sandbox.break_next(refusing("DELETE", ASSIGNMENTS))
    clock.advance(hours=2)
    await latchkey.tick()
    clock.advance(minutes=1)
    return request_id


async def test_overdue_access_is_listed_from_the_first_minute(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = await _overdue(latchkey, clock)

    card = await latchkey.say(AVERY, "stuck")

    assert card.status == "1 item is stuck"
    assert request_id in card.words


@pytest.mark.parametrize("command", ["retry", "revoke"])
async def test_overdue_access_is_revoked_immediately_on_retry(
    latchkey: Latchkey, clock: ManualClock, command: str
) -> None:
    request_id = await _overdue(latchkey, clock)
    clock.advance(minutes=20)
    await latchkey.tick()
    latchkey.sandbox.state.faults.clear()

    await latchkey.say(AVERY, f"{command} {request_id}")
    await latchkey.tick()

    assert latchkey.assigned(DANA) == []
    assert "Retrying now" in [post.status for post in latchkey.audit()]
    assert latchkey.audit()[-1].status == "Access revoked"


async def test_an_admin_can_close_access_that_can_never_be_removed(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = await _overdue(latchkey, clock)

    question = await latchkey.say(AVERY, f"close {request_id} because the subscription is gone")
    answer = await latchkey.click(AVERY, question, "Close it", reason="the subscription is gone")
    await latchkey.tick()
    stuck = await latchkey.say(AVERY, "stuck")

    assert question.status == "Close this without removing it?"
    assert answer is not None
    assert answer.status == "Closed by an admin, removal not confirmed"
    assert latchkey.audit()[-1].status == "Closed by an admin, removal not confirmed"
    assert "the subscription is gone" in latchkey.audit()[-1].words
    assert "Access revoked" not in [post.status for post in latchkey.audit()]
    assert latchkey.sent_to(DANA)[-1].status == "Closed by an admin"
    assert stuck.status == "Nothing is stuck"


async def test_only_an_admin_can_close_it(latchkey: Latchkey, clock: ManualClock) -> None:
    request_id = await _overdue(latchkey, clock)

    card = await latchkey.say(MORGAN, f"close {request_id} because I want to")

    assert "admin" in card.words
    assert len(latchkey.assigned(DANA)) == 1


async def test_current_access_cannot_be_closed(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))

    card = await latchkey.say(AVERY, f"close {request_id} because of a mistake")

    assert "Nothing is overdue here" in card.words
    assert len(latchkey.assigned(DANA)) == 1


@pytest.mark.parametrize("seconds", [5, 20, 70])
async def test_a_grant_landing_after_its_early_end_is_removed_before_it_is_called_revoked(
    latchkey: Latchkey, clock: ManualClock, seconds: int
) -> None:
    request_id = correlation_id(await asked(latchkey))
    latchkey.sandbox.break_next(late("PUT", seconds))
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    question = await latchkey.say(ROBIN, f"revoke {request_id}")
    await latchkey.click(ROBIN, question, "End access")
    await latchkey.tick()
    at_once = [post.status for post in latchkey.audit()]

    for _ in range(12):
        clock.advance(seconds=15)
        await latchkey.tick()

    assert "Access revoked" not in at_once
    assert "Making sure access is gone" in [post.status for post in latchkey.audit()]
    assert latchkey.audit()[-1].status == "Access revoked"
    assert latchkey.assigned(DANA) == []


@pytest.mark.parametrize(
    "command", ["status {id}", "history {id}", "history", "report", "verify {id}"]
)
async def test_closed_access_is_shown_as_closed_everywhere(
    latchkey: Latchkey, clock: ManualClock, command: str
) -> None:
    request_id = await _overdue(latchkey, clock)
    question = await latchkey.say(AVERY, f"close {request_id}")
    await latchkey.click(AVERY, question, "Close it", reason="the subscription is gone")
    await latchkey.tick()

    card = await latchkey.say(AVERY, command.format(id=request_id))

    assert "went wrong" not in card.words
    assert "revoked" not in card.words.lower()
    assert (await latchkey.say(DANA, "my access")).words.count(request_id) == 0


@pytest.mark.parametrize(
    ("button", "shown"),
    [("Close it", "Closed by an admin, removal not confirmed"), ("Keep trying", "I left it as")],
)
async def test_everybody_sees_that_the_question_is_answered(
    latchkey: Latchkey, clock: ManualClock, button: str, shown: str
) -> None:
    request_id = await _overdue(latchkey, clock)
    question = await latchkey.say(AVERY, f"close {request_id} because it is gone", AUDIT)
    await latchkey.click(AVERY, question, button)

    assert now(latchkey, question).buttons == set()
    assert shown in now(latchkey, question).words


async def test_keep_trying_says_nothing_of_what_has_ended_meanwhile(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = await _overdue(latchkey, clock)
    question = await latchkey.say(AVERY, f"close {request_id} because it is gone")
    kept = await latchkey.click(ROBIN, question, "Keep trying")
    await latchkey.click(AVERY, question, "Close it", reason="it is gone")
    late = await latchkey.click(ROBIN, question, "Keep trying")
    by_anyone = await latchkey.click(MORGAN, question, "Keep trying")

    assert "I left it as it was." in kept.words
    assert "Nothing is overdue here" in late.sentence
    assert "Only admins can do that." in by_anyone.sentence
