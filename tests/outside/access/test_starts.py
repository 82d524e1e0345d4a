"""Access with a start in the future: approved now, granted then."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cards.kit.times import utc
from cards.languages.language import language_of, speaking
from sandbox import seed
from sandbox.seed import APP_API_KEY, DEMO_API_KEY
from tests.outside.scenarios import correlation_id, refusing
from tests.support.clock import NINE, ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Json, a_message

pytestmark = pytest.mark.in_memory

# The bot's clock shows 09:00 UTC, and everybody's Teams is in Berlin: 10:00.
ASKED = f"request secret {DEMO_API_KEY} for 2h from 13:00 because migration"
START_HOURS = 3.0
SEND = "Send for approval"


async def scheduled(latchkey: Latchkey, line: str = ASKED) -> Seen:
    """Let Dana ask for access from 13:00, and Avery approve it; return Dana's card at first."""
    card = await latchkey.say(DANA, line)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    return card


async def test_access_approved_now_is_granted_at_its_start_for_its_whole_window(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    clock.advance(hours=START_HOURS, seconds=-1)
    await latchkey.tick()
    before = latchkey.assigned(DANA)
    clock.advance(seconds=1)
    await latchkey.tick()
    at_start = await latchkey.read(DANA, DEMO_API_KEY)
    clock.advance(hours=2, seconds=-1)
    await latchkey.tick()
    at_the_end = len(latchkey.assigned(DANA))
    clock.advance(seconds=1)
    await latchkey.tick()

    assert before == []
    assert at_start is not None
    assert at_the_end == 1
    assert latchkey.assigned(DANA) == []
    assert [post.status for post in latchkey.audit()] == [
        "Access requested",
        "Approved",
        "Approved, starts later",
        "Start reached",
        "Access granted",
        "Access ends soon",
        "Access expired",
        "Access revoked",
    ]


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("en-GB", "request secret {} for 2h from 2 Mar 2026, 12:00 UTC because migration"),
        ("de-DE", "request secret {} für 2h ab 2. März 2026, 12:00 UTC weil migration"),
    ],
)
async def test_a_start_can_be_typed_as_cards_show_it(
    latchkey: Latchkey, locale: str, line: str
) -> None:
    message = {**a_message(line.format(DEMO_API_KEY), DANA), "locale": locale}
    await latchkey.deliver(message)
    card = latchkey.sent_to(DANA)[-1]

    with speaking(language_of(locale)):
        assert utc(NINE + timedelta(hours=START_HOURS)) in card.words
    assert card.inputs == {}


async def test_everybody_sees_when_it_starts_and_nobody_that_it_is_granted(
    latchkey: Latchkey,
) -> None:
    card = await scheduled(latchkey)
    told = latchkey.sent_to(DANA)[-1]

    assert "2 Mar 2026, 12:00 UTC, or once approved if that's later" in card.words
    assert told.status == "Approved, starts later"
    assert "starts on 2 Mar 2026, 12:00 UTC" in told.words
    for person in (AVERY, ROBIN):
        assert latchkey.card_of(person).status == "Approved, starts later"
        assert "Starts\n2 Mar 2026, 12:00 UTC" in latchkey.card_of(person).words
        assert "Approve" not in latchkey.card_of(person).buttons
    assert not any("granted" in post.status.lower() for post in latchkey.audit())


async def test_it_is_on_the_list_of_the_requesters_access_and_can_be_cancelled_there(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    listed = await latchkey.say(DANA, "my access")
    after = await latchkey.click(DANA, listed, "Cancel request")
    await latchkey.tick()
    clock.advance(hours=START_HOURS)
    await latchkey.tick()

    assert listed.status == "1 starting later"
    assert "Approved; starts on 2 Mar 2026, 12:00 UTC, in 3 hours" in listed.words
    assert "Starts {{DATE(2026-03-02T12:00:00Z, COMPACT)}}" in listed.words
    assert "Latchkey gives you no access" in after.words
    assert latchkey.assigned(DANA) == []
    assert "withdrew the request for demo-api-key" in latchkey.audit()[-1].words
    assert latchkey.card_of(AVERY).status == "Cancelled"


async def test_the_requester_can_cancel_it_by_its_id(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await scheduled(latchkey))
    card = await latchkey.say(DANA, f"cancel {request_id}")
    clock.advance(hours=START_HOURS)
    await latchkey.tick()

    assert card.status == "Cancelled"
    assert latchkey.assigned(DANA) == []


async def test_an_approver_can_call_it_off_and_everybody_hears_of_it(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await scheduled(latchkey))
    question = await latchkey.say(ROBIN, f"revoke {request_id}")
    answer = await latchkey.click(ROBIN, question, "Call it off")
    await latchkey.tick()
    clock.advance(hours=START_HOURS)
    await latchkey.tick()

    assert question.status == "Call off this access?"
    assert "Otherwise starts\n2 Mar 2026, 12:00 UTC" in question.words
    assert answer.status == "Cancelled"
    assert latchkey.sent_to(DANA)[-1].status == "Called off"
    assert (
        "Robin Reviewer called off your access to demo-api-key" in latchkey.sent_to(DANA)[-1].words
    )
    assert latchkey.audit()[-1].status == "Called off"
    assert "Called off before its start by Robin Reviewer" in latchkey.card_of(AVERY).words
    assert latchkey.assigned(DANA) == []


async def test_a_question_about_calling_off_is_out_of_date_once_it_was_cancelled(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await scheduled(latchkey))
    question = await latchkey.say(ROBIN, f"revoke {request_id}")
    await latchkey.say(DANA, f"cancel {request_id}")

    answer = await latchkey.click(ROBIN, question, "Call it off")

    assert "There's no access to end: this request is cancelled" in answer.sentence


async def test_status_and_history_show_the_start(latchkey: Latchkey) -> None:
    request_id = correlation_id(await scheduled(latchkey))

    status = await latchkey.say(DANA, f"status {request_id}")
    history = await latchkey.say(DANA, f"history {request_id}")

    assert status.status == "Approved for a later start"
    assert "Planned start\n2 Mar 2026, 12:00 UTC" in status.words
    assert "Approved, starts later" in history.words


async def test_more_time_can_be_asked_for_only_after_the_start(latchkey: Latchkey) -> None:
    request_id = correlation_id(await scheduled(latchkey))

    answer = await latchkey.say(DANA, f"extend {request_id} 1h")

    assert "There's no access to extend: this request is scheduled" in answer.words


async def test_a_request_approved_after_its_start_is_granted_at_once(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    clock.advance(hours=START_HOURS + 1)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert len(latchkey.assigned(DANA)) == 1
    assert latchkey.card_of(AVERY).status == "Granted"


async def test_one_who_left_before_the_start_gets_nothing_and_everybody_hears_why(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    latchkey.sandbox.state.directory.users.pop(DANA.object_id)
    clock.advance(hours=START_HOURS)
    await latchkey.tick()

    assert latchkey.assigned(DANA) == []
    why = "Dana Developer's account is disabled or no longer in the directory"
    assert why in latchkey.audit()[-1].words
    assert latchkey.audit()[-1].status == "Failed, nothing granted"
    assert why in latchkey.card_of(AVERY).words
    assert latchkey.sent_to(DANA)[-1].status == "Access not granted"


async def test_during_an_outage_of_the_directory_nothing_starts_until_it_answers(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    latchkey.sandbox.break_next(refusing("GET", "/users", status=503))
    clock.advance(hours=START_HOURS)
    await latchkey.tick()
    during = latchkey.assigned(DANA)
    latchkey.sandbox.state.faults.clear()
    clock.advance(minutes=5)
    await latchkey.tick()

    assert during == []
    assert len(latchkey.assigned(DANA)) == 1


async def test_during_a_long_outage_it_ends_without_a_grant(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    latchkey.sandbox.break_next(refusing("GET", "/users", status=503))
    clock.advance(hours=START_HOURS)
    for _ in range(11):
        await latchkey.tick()
        clock.advance(minutes=1)
    latchkey.sandbox.state.faults.clear()
    await latchkey.tick()

    assert latchkey.assigned(DANA) == []
    assert "didn't work within 10 minutes" in latchkey.audit()[-1].words


async def test_a_changed_policy_ends_it_before_the_start(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]", encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    await scheduled(latchkey)
    file.write_text(f'[defaults]\napprovers = ["{seed.ROBIN.mail}"]', encoding="utf-8")
    await latchkey.look_at_policy_file()
    await latchkey.tick()

    told = latchkey.sent_to(DANA)[-1]
    assert told.status == "Access not granted"
    assert "there are too few approvals now" in told.words
    assert latchkey.card_of(AVERY).status == "Failed, nothing granted"


async def test_the_policy_can_forbid_or_limit_planning(latchkey: Latchkey, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[defaults]\nstart_within = "1h"', encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    too_far = await latchkey.say(DANA, ASKED)
    file.write_text('[defaults]\nstart_within = "0s"', encoding="utf-8")
    await latchkey.restart()
    never = await latchkey.say(DANA, ASKED)
    form = await latchkey.say(DANA, f"request secret {DEMO_API_KEY}")

    assert "Access can start at most 1 hour from now" in too_far.words
    assert too_far.inputs["start"] == "13:00"
    assert "This access can't be planned ahead" in never.words
    assert "start" not in form.inputs


async def test_break_glass_access_is_never_planned(latchkey: Latchkey, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f'[defaults]\nbreak_glass = ["{seed.MORGAN.mail}"]', encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))

    answer = await latchkey.say(MORGAN, f"break glass {DEMO_API_KEY} from 22:00 because fire")
    await latchkey.tick()

    assert "Break-glass access starts at once, so nothing was done" in answer.words
    assert latchkey.assigned(MORGAN) == []


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        ({"localTimezone": "America/New_York"}, "2 Mar 2026, 18:00 UTC"),
        ({"localTimezone": None}, "2 Mar 2026, 12:00 UTC"),
        (
            {"localTimezone": "Nowhere", "localTimestamp": "2026-03-02T14:30:00+05:30"},
            "3 Mar 2026, 07:30 UTC",
        ),
        ({"localTimezone": None, "localTimestamp": None}, "2 Mar 2026, 13:00 UTC"),
    ],
)
async def test_the_start_is_read_in_the_requesters_time_zone(
    latchkey: Latchkey, zone: Json, starts: str
) -> None:
    await latchkey.deliver(a_message(ASKED, DANA) | zone)

    assert f"Planned start\n{starts}, or once approved" in latchkey.card_of(DANA).words


async def test_the_form_asks_for_a_start_and_says_in_which_time_zone(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, f"request secret {DEMO_API_KEY}")
    unreadable = await latchkey.click(DANA, form, SEND, justification="migration", start="soon")
    past = await latchkey.click(DANA, unreadable, SEND, start="9:00 today")
    filed = await latchkey.click(DANA, past, SEND, start="13:00")
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")

    assert form.labels["start"] == "Start (optional, in Europe/Berlin time, at most 7 days ahead)"
    assert "I can't read that start." in unreadable.words
    assert unreadable.inputs == {"justification": "migration", "duration": "1h", "start": "soon"}
    assert "That start is in the past: 2 Mar 2026, 08:00 UTC." in past.words
    assert past.inputs["start"] == "9:00 today"
    assert "2 Mar 2026, 12:00 UTC, or once approved" in filed.words
    assert latchkey.card_of(AVERY).status in {"Waiting for approval", "Approved, starts later"}


async def test_a_start_that_was_typed_is_filled_into_the_form(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, f"request secret {DEMO_API_KEY} from 22:00 tomorrow")
    invalid = await latchkey.say(DANA, f"request secret {DEMO_API_KEY} for 2h from 25:00")

    assert form.inputs == {"justification": "", "duration": "1h", "start": "22:00 tomorrow"}
    assert "I can't read that start." in invalid.words
    assert invalid.inputs == {"justification": "", "duration": "2h", "start": "25:00"}


async def test_without_a_known_time_zone_the_form_says_that_it_reads_utc(
    latchkey: Latchkey,
) -> None:
    nowhere = {"localTimezone": None, "localTimestamp": None}
    await latchkey.deliver(a_message(f"request secret {DEMO_API_KEY}", DANA) | nowhere)
    form = latchkey.sent_to(DANA)[-1]

    assert form.labels["start"] == "Start (optional, in UTC, at most 7 days ahead)"


async def test_several_secrets_start_together(latchkey: Latchkey, clock: ManualClock) -> None:
    both = f"request secret {DEMO_API_KEY} and {APP_API_KEY} for 2h from 13:00 because migration"
    await scheduled(latchkey, both)
    clock.advance(hours=START_HOURS)
    await latchkey.tick()

    assert await latchkey.read(DANA, DEMO_API_KEY) is not None
    assert await latchkey.read(DANA, APP_API_KEY) is not None


async def test_a_rule_approves_nothing_that_is_planned_ahead(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        f'[[secret]]\nname = "{DEMO_API_KEY}"\nrequestable = true\nscope = "secret"\n'
        f'auto_approve = {{ requesters = ["{seed.DANA.mail}"], max = "2h" }}',
        encoding="utf-8",
    )
    await latchkey.restart(POLICY_FILE=str(file))

    card = await latchkey.say(DANA, ASKED)

    assert card.status == "Sent for approval"


async def test_without_permission_for_the_directory_no_service_is_blamed_for_a_missed_start(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    principals = latchkey.sandbox.state.directory.service_principals
    principals[seed.BOT.id] = replace(seed.BOT, graph_permissions=())
    clock.advance(hours=START_HOURS)
    await latchkey.tick()
    clock.advance(minutes=10)
    await latchkey.tick()

    told = latchkey.sent_to(DANA)[-1]
    assert told.status == "Access not granted"
    assert "a service didn't answer, or didn't let Latchkey ask." in told.words
    assert latchkey.assigned(DANA) == []
