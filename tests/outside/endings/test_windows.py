"""Access windows: shortening, extending, and warnings before the end."""

from pathlib import Path

import pytest

from tests.outside.scenarios import asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Person, a_message

pytestmark = pytest.mark.in_memory


async def test_an_approver_can_shorten_the_window(latchkey: Latchkey, clock: ManualClock) -> None:
    await asked(latchkey)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve with limits", window="30m")
    await latchkey.tick()
    during = latchkey.assigned(DANA)
    clock.advance(minutes=31)
    await latchkey.tick()

    assert len(during) == 1
    assert latchkey.assigned(DANA) == []


async def test_an_approver_can_limit_access_to_the_secret(latchkey: Latchkey) -> None:
    await asked(latchkey)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve with limits", narrow="true")
    await latchkey.tick()

    (assignment,) = latchkey.assigned(DANA)
    assert str(assignment["scope"]).endswith("/secrets/demo-api-key")


async def test_an_approver_cannot_lengthen_the_window(latchkey: Latchkey) -> None:
    await asked(latchkey)
    answer = await latchkey.click(
        AVERY, latchkey.card_of(AVERY), "Approve with limits", window="3h"
    )
    await latchkey.tick()

    assert "can shorten the window, but not lengthen it" in answer.sentence
    assert latchkey.assigned(DANA) == []


async def test_the_grantee_is_warned_and_gets_an_extension_once_approved(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    warning = await _warned(latchkey, clock)
    await latchkey.click(DANA, warning, "Extend", duration="1h")
    await latchkey.tick()
    await latchkey.click(ROBIN, _last(latchkey, ROBIN), "Allow")
    await latchkey.tick()
    clock.advance(minutes=60)
    await latchkey.tick()
    extended = latchkey.assigned(DANA)
    clock.advance(minutes=20)
    await latchkey.tick()

    assert warning.status == "Access ends soon"
    assert len(extended) == 1
    assert latchkey.assigned(DANA) == []


async def test_a_redelivered_click_makes_one_extension_request(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    warning = await _warned(latchkey, clock)
    await latchkey.click(DANA, warning, "Extend", duration="1h")
    again = await latchkey.click(DANA, warning, "Extend", duration="1h")
    await latchkey.tick()
    await latchkey.click(ROBIN, _last(latchkey, ROBIN), "Allow")
    await latchkey.tick()
    late = await latchkey.click(DANA, warning, "Extend", duration="1h")
    await latchkey.tick()

    assert again.status == late.status == "Granted"
    assert _audited(latchkey, "Extension requested") == 1
    assert _audited(latchkey, "Access extended") == 1


async def test_without_approval_a_redelivered_message_extends_once(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[defaults]\nextend = "freely"', encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    card = await granted(latchkey)
    message = a_message(f"extend {correlation_id(card)} 30m", DANA)
    await latchkey.deliver(message)
    await latchkey.restart()
    await latchkey.deliver(message)
    await latchkey.tick()

    assert _audited(latchkey, "Access extended") == 1


async def test_a_decision_counts_once_and_only_for_its_own_extension_request(
    latchkey: Latchkey,
) -> None:
    card = await granted(latchkey)
    extend = f"extend {correlation_id(card)}"
    await latchkey.say(DANA, f"{extend} 30m")
    await latchkey.tick()
    first, averys = _last(latchkey, ROBIN), _last(latchkey, AVERY)
    refused = await latchkey.click(ROBIN, first, "Refuse")
    again = await latchkey.click(ROBIN, first, "Refuse")
    await latchkey.say(DANA, f"{extend} 1h")
    await latchkey.tick()
    late = await latchkey.click(AVERY, averys, "Allow")
    await latchkey.tick()

    assert refused.card == again.card
    assert late.sentence == "There's no open extension request left to decide."
    assert _audited(latchkey, "Access extended") == 0


async def test_if_two_approvals_are_needed_an_extension_needs_two_as_well(
    latchkey: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]\nmin_approvals = 2", encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    card = await granted(latchkey)
    await latchkey.click(ROBIN, latchkey.card_of(ROBIN), "Approve")
    await latchkey.tick()
    await latchkey.say(DANA, f"extend {correlation_id(card)} 1h")
    await latchkey.tick()

    first = await latchkey.click(AVERY, _last(latchkey, AVERY), "Allow")
    again = await latchkey.click(AVERY, _last(latchkey, AVERY), "Allow")
    await latchkey.tick()
    others = _last(latchkey, ROBIN)
    posted = latchkey.audit()[-1]
    await latchkey.click(ROBIN, others, "Allow")
    await latchkey.tick()
    clock.advance(minutes=179)
    await latchkey.tick()
    extended = latchkey.assigned(DANA)
    clock.advance(minutes=2)
    await latchkey.tick()

    assert first.card == again.card
    for shown in (first, others, posted):
        assert "1 of 2 have allowed it" in shown.words
    assert posted.status == "Extension allowed, not extended yet"
    [told] = [each for each in latchkey.sent_to(DANA) if each.status == "Access extended"]
    assert ROBIN.name in told.words
    assert len(extended) == 1
    assert latchkey.assigned(DANA) == []


async def test_too_many_extension_requests_are_rate_limited(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]\nrequests_per_hour = 2", encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    card = await granted(latchkey)
    extend = f"extend {correlation_id(card)}"
    await latchkey.say(DANA, f"{extend} 30m")
    await latchkey.tick()
    await latchkey.click(AVERY, _last(latchkey, AVERY), "Refuse")
    await latchkey.tick()
    again = await latchkey.say(DANA, f"{extend} 30m")
    await latchkey.tick()

    assert "You've already asked for access or more time 2 times in the last hour" in again.words
    assert "Please ask again after 10:00 UTC." in again.words
    assert _audited(latchkey, "Extension requested") == 1


async def test_who_asked_for_more_time_is_told_that_nobody_decided_it(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    warning = await _warned(latchkey, clock)
    await latchkey.click(DANA, warning, "Extend", duration="1h")
    clock.advance(minutes=60)
    await latchkey.tick()

    told = latchkey.sent_to(DANA)[-1]
    assert told.status == "Access ended"
    assert "Your request for 1 hour more wasn't decided in time." in told.words


async def test_a_denied_extension_changes_nothing(latchkey: Latchkey, clock: ManualClock) -> None:
    card = await granted(latchkey)
    await latchkey.say(DANA, f"extend {correlation_id(card)} 1h")
    await latchkey.tick()
    await latchkey.click(AVERY, _last(latchkey, AVERY), "Refuse")
    await latchkey.tick()
    told = latchkey.sent_to(DANA)[-1]
    clock.advance(hours=2)
    await latchkey.tick()

    assert told.status == "Extension denied"
    assert latchkey.assigned(DANA) == []


async def test_an_extension_beyond_the_limit_is_refused_with_what_is_left(
    latchkey: Latchkey,
) -> None:
    card = await granted(latchkey)
    answer = await latchkey.say(DANA, f"extend {correlation_id(card)} 3h")

    assert "At most 2 hours more can be added." in answer.words


async def test_no_one_can_extend_another_persons_access(latchkey: Latchkey) -> None:
    card = await granted(latchkey)
    answer = await latchkey.say(ROBIN, f"extend {correlation_id(card)} 1h")

    assert "Only the person who has this access" in answer.words


async def test_approvers_are_reminded_once_after_an_hour(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    clock.advance(minutes=61)
    await latchkey.tick()
    reminder = _last(latchkey, AVERY)
    clock.advance(hours=2)
    await latchkey.tick()

    assert reminder.status == "Still waiting for approval"
    assert _last(latchkey, AVERY) == reminder


async def test_a_request_that_has_just_expired_cannot_be_approved(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    card = latchkey.card_of(AVERY)
    clock.advance(hours=8)
    answer = await latchkey.click(AVERY, card, "Approve")
    await latchkey.tick()

    assert "no longer pending: it is expired" in answer.sentence
    assert latchkey.assigned(DANA) == []


def _audited(bot: Latchkey, status: str) -> int:
    return [post.status for post in bot.audit()].count(status)


async def _warned(latchkey: Latchkey, clock: ManualClock) -> Seen:
    """Let two-hour access come close to its end; return the warning."""
    await granted(latchkey)
    clock.advance(minutes=106)
    await latchkey.tick()
    return latchkey.sent_to(DANA)[-1]


def _last(bot: Latchkey, person: Person) -> Seen:
    return bot.sent_to(person)[-1]
