"""The commands `history`, `verify` and `report`."""

from dataclasses import replace

import pytest

from bot.handlers.records.cursor import write_cursor
from cards.kit import verbs
from domain.audit.history import Filter
from sandbox import seed
from sandbox.seed import APP_API_KEY, DEMO_API_KEY
from services.workflow.lists.history_rows import position as position_of
from tests.outside.scenarios import ASKED, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Json, a_channel, a_message, an_execute

pytestmark = pytest.mark.in_memory


FIRST = write_cursor(Filter(), None)


async def asked_often(bot: Latchkey, clock: ManualClock, times: int) -> list[str]:
    """Let Dana make this many requests, a minute apart; return their IDs, newest first."""
    ids = []
    for _ in range(times):
        ids.append(correlation_id(await bot.say(DANA, ASKED)))
        clock.advance(minutes=1)
    return ids[::-1]


def listed(card: Seen) -> list[str]:
    """Return the IDs in a list, in order."""
    lines = card.words.split("\n")
    return [line.rpartition(" · ")[2] for line in lines if " · req-" in line]


async def test_an_admin_sees_other_peoples_requests(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))

    card = await latchkey.say(AVERY, "history")

    assert card.title == "History"
    assert f"{DEMO_API_KEY} for Dana Developer, 2 hours  active" in card.words
    assert listed(card) == [request_id]


async def test_others_only_see_their_own_requests(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))

    assert listed(await latchkey.say(DANA, "history")) == [request_id]
    assert "There is nothing to show." in (await latchkey.say(MORGAN, "history")).words


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("history", True),
        ("  HISTORY  demo-API-key ", True),
        ("history app-api-key", False),
        ("history last 7d", True),
        ("history demo-api-key last 2 hours", True),
        (f"history @{seed.DANA.mail}", True),
        (f"history @{seed.ROBIN.mail}", False),
        ("history @me", False),
    ],
)
async def test_it_can_be_filtered_by_secret_person_and_time(
    latchkey: Latchkey, typed: str, is_found: bool
) -> None:
    request_id = correlation_id(await latchkey.say(DANA, ASKED))

    card = await latchkey.say(AVERY, typed)

    assert listed(card) == ([request_id] if is_found else [])


@pytest.mark.parametrize(
    "typed", ["history Dana", "history dana dev", "History `Developer`.", "history @Dana last 7d"]
)
async def test_a_person_is_found_by_name(latchkey: Latchkey, typed: str) -> None:
    request_id = correlation_id(await latchkey.say(DANA, ASKED))

    assert listed(await latchkey.say(AVERY, typed)) == [request_id]


async def test_where_a_name_is_ambiguous_buttons_ask_who_is_meant(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    namesake = replace(ROBIN, name="Dana Designer")
    mine = correlation_id(await latchkey.say(DANA, ASKED))
    clock.advance(minutes=1)
    others = correlation_id(await latchkey.say(namesake, ASKED))

    card = await latchkey.say(AVERY, "history dana last 7d")
    for title in ("Show 1", "Show 2"):
        await latchkey.click(AVERY, card, title)

    assert card.status == "Who do you mean?"
    assert card.words.endswith("1. Dana Designer\n2. Dana Developer")
    assert [listed(seen) for seen in latchkey.sent_to(AVERY)[-2:]] == [[others], [mine]]


async def test_a_secret_with_a_history_is_not_taken_for_a_person(latchkey: Latchkey) -> None:
    namesake = replace(DANA, name="Old-API-Key")
    await latchkey.say(namesake, ASKED)

    assert listed(await latchkey.say(AVERY, "history old-api-key")) == []


async def test_whoever_is_no_admin_finds_nobody_else(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, ASKED)

    assert "There is nothing to show." in (await latchkey.say(MORGAN, "history Dana")).words
    assert len(listed(await latchkey.say(DANA, "history Dana"))) == 1


async def test_a_name_that_nobody_has_is_still_a_secrets(latchkey: Latchkey) -> None:
    assert "There is nothing to show." in (await latchkey.say(AVERY, "history Alex")).words


async def test_anything_older_than_the_period_is_left_out(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await latchkey.say(DANA, ASKED)
    clock.advance(days=8)

    assert listed(await latchkey.say(AVERY, "history last 7d")) == []


@pytest.mark.parametrize("after", ["", ".", "?", ", last 7d"])
async def test_a_colleague_can_be_selected_with_a_mention(latchkey: Latchkey, after: str) -> None:
    request_id = correlation_id(await latchkey.say(DANA, ASKED))
    latchkey.teams.people = [DANA]
    await latchkey.deliver(_mentioning_dana(after))

    [posted] = latchkey.teams.posted_in(a_channel("audit").id)
    assert listed(Seen.of(posted)) == [request_id]


@pytest.mark.parametrize("after", [".", "?", ", last 7d"])
@pytest.mark.parametrize("who", [seed.DANA.mail, seed.DANA.id, "me"])
async def test_a_full_stop_after_a_person_is_not_part_of_them(
    latchkey: Latchkey, who: str, after: str
) -> None:
    request_id = correlation_id(await latchkey.say(DANA, ASKED))

    assert listed(await latchkey.say(DANA, f"history @{who}{after}")) == [request_id]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("history last tuesday", "I can't read that period."),
        ("history no_secret", "That's not a valid secret name"),
        ("history @nobody@contoso.example", "I can't find nobody@contoso.example"),
        ("history @", "I can't find"),
        ("history @..", "I can't find .."),
        ("history req-aaaaaaaaaa", "I can't find anything with that ID"),
        ("verify req-aaaaaaaaaa", "I can't find anything with that ID"),
        ("verify no-such-id", "I can't find anything with that ID"),
    ],
)
async def test_unknown_filters_and_ids_get_a_clear_answer(
    latchkey: Latchkey, typed: str, answer: str
) -> None:
    assert answer in (await latchkey.say(AVERY, typed)).words


@pytest.mark.parametrize(
    "typed",
    ["verify req-aaaaaaaaaa", "report", "report 90d", "export", "export figures", "export reads"],
)
async def test_some_of_it_is_for_admins_only(latchkey: Latchkey, typed: str) -> None:
    assert "Only admins can do that." in (await latchkey.say(DANA, typed)).words


async def test_only_admins_see_what_other_people_did(latchkey: Latchkey) -> None:
    request_id = correlation_id(await latchkey.say(DANA, ASKED))

    by_person = await latchkey.say(MORGAN, f"history @{DANA.object_id}")
    by_id = await latchkey.say(MORGAN, f"history {request_id}")

    assert "Only admins can do that." in by_person.words
    assert "I can't find anything with that ID that you can see." in by_id.words


async def test_a_long_list_is_shown_page_by_page(latchkey: Latchkey, clock: ManualClock) -> None:
    ids = await asked_often(latchkey, clock, 23)

    first = await latchkey.say(AVERY, "history demo-api-key")
    second = await latchkey.click(AVERY, first, "Next page")
    third = await latchkey.click(AVERY, second, "Next page")

    assert [*listed(first), *listed(second), *listed(third)] == ids
    assert [len(listed(page)) for page in (first, second, third)] == [10, 10, 3]
    assert third.buttons == {"Details", "First page"}
    assert listed(await latchkey.click(AVERY, third, "First page")) == listed(first)


async def test_a_row_shows_its_details_and_leads_back_to_its_page(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    ids = await asked_often(latchkey, clock, 11)
    first = await latchkey.say(AVERY, "history")
    second = await latchkey.click(AVERY, first, "Next page")

    details = await latchkey.click(AVERY, second, "Details")
    back = await latchkey.click(AVERY, details, "Back to the list")

    assert details.title == "History · Access request"
    assert correlation_id(details) == ids[-1]
    assert back.words == second.words


async def test_details_are_only_shown_to_those_who_can_see_them(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, ASKED)
    page = await latchkey.say(AVERY, "history", a_channel("general", thread="1"))

    refused = await latchkey.click(MORGAN, page, "Details")
    shown = await latchkey.click(DANA, page, "Details")

    assert refused.sentence == "I can't find anything with that ID that you can see."
    assert shown.title == "History · Access request"


@pytest.mark.parametrize(
    "data",
    [
        {"workflow": "../../head", "cursor": FIRST},
        {"workflow": "req-aaaaaaaaaa", "cursor": FIRST},
        {"workflow": "req-aaaaaaaaaa", "cursor": "x"},
        {"cursor": FIRST},
        {},
    ],
)
async def test_forged_details_are_refused(latchkey: Latchkey, data: Json) -> None:
    answer = await latchkey.deliver(an_execute(verbs.HISTORY_DETAILS, data, AVERY))

    assert isinstance(answer.body["value"], str)


async def test_the_next_page_only_shows_what_the_clicker_can_see(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked_often(latchkey, clock, 12)
    page = await latchkey.say(AVERY, "history")
    by_dana = await latchkey.say(DANA, "history")

    assert "There is nothing to show." in (await latchkey.click(MORGAN, page, "Next page")).words
    assert len(listed(await latchkey.click(DANA, page, "Next page"))) == 2
    assert len(listed(await latchkey.click(DANA, by_dana, "Next page"))) == 2


async def test_a_cursor_for_another_persons_history_is_refused(latchkey: Latchkey) -> None:
    cursor = write_cursor(
        Filter(person=DANA.object_id), position_of(latchkey.sandbox.clock(), "req-x")
    )
    click = an_execute(verbs.HISTORY_MORE, {verbs.CURSOR: cursor}, MORGAN)

    assert (await latchkey.deliver(click)).body["value"].startswith("Only admins can do that.")


@pytest.mark.parametrize(
    "cursor", ["", "x", "W10=", "WzFd", "e30=", "WzEsMiwzLDRd", "🎉", "W" * 2_000, 5, None, ["x"]]
)
async def test_a_forged_cursor_is_refused(latchkey: Latchkey, cursor: object) -> None:
    click = an_execute(verbs.HISTORY_MORE, {verbs.CURSOR: cursor}, AVERY)

    answer = await latchkey.deliver(click)

    assert answer.body["value"].startswith("This list doesn't go on from here.")


async def test_one_request_is_shown_from_start_to_end(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    clock.advance(hours=2)
    await latchkey.tick()

    card = await latchkey.say(DANA, f"history {request_id.upper()}")

    told = [card.words.find(part) for part in ("Access requested", "Approved", "Access revoked")]
    assert card.title == "History · Access request"
    assert -1 not in told
    assert told == sorted(told)
    assert card.words.endswith(f"Correlation ID {request_id}")


async def test_an_approver_sees_their_decisions_without_being_an_admin(latchkey: Latchkey) -> None:
    await latchkey.restart(ADMIN_USERS=MORGAN.object_id)
    request_id = correlation_id(await granted(latchkey))

    assert listed(await latchkey.say(AVERY, "history")) == [request_id]
    assert request_id in (await latchkey.say(AVERY, f"history {request_id}")).words
    assert listed(await latchkey.say(ROBIN, "history")) == []


async def test_untouched_evidence_is_unbroken_and_matches_the_audit_channel(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    clock.advance(hours=2)
    await latchkey.tick()

    card = await latchkey.say(AVERY, f"verify {request_id}")

    last = latchkey.audit()[-1].words.rpartition("fingerprint ")[2]
    assert card.status.startswith("Unbroken: ")
    assert last in card.words.split("\n")


async def test_the_report_counts_the_last_month(latchkey: Latchkey, clock: ManualClock) -> None:
    await latchkey.say(DANA, ASKED)
    clock.advance(days=31)
    await latchkey.say(DANA, f"request secret {APP_API_KEY} for 1h because again")
    await granted(latchkey)

    card = await latchkey.say(AVERY, "report")

    assert card.title == "Report · the last 30 days"
    assert card.status == "Nothing is stuck"
    assert "Requests\n2\n1 active, 1 pending" in card.words
    assert "Grants active now\n1" in card.words
    assert "Most requests\nWho\nRequests\nDana Developer\n2" in card.words
    assert "Who decides\nWho\nApproved\nDenied\nAvery Approver\n1\n0" in card.words


async def test_a_report_of_a_longer_time_counts_what_is_older(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await latchkey.say(DANA, ASKED)
    clock.advance(days=31)

    card = await latchkey.say(AVERY, "report 90d")

    assert card.title == "Report · the last 90 days"
    assert "Requests\n1\n" in card.words


@pytest.mark.parametrize(
    ("typed", "requests"),
    [
        (f"report {APP_API_KEY}", "1"),
        (f"report {APP_API_KEY.upper()} last 40 days", "1"),
        (f"report for {DEMO_API_KEY}", "0"),
        (f"report {DEMO_API_KEY} 40d", "1"),
    ],
)
async def test_a_report_about_a_secret_leaves_out_the_others(
    latchkey: Latchkey, clock: ManualClock, typed: str, requests: str
) -> None:
    await latchkey.say(DANA, ASKED)
    clock.advance(days=31)
    await latchkey.say(DANA, f"request secret {APP_API_KEY} for 1h because again")

    card = await latchkey.say(AVERY, typed)

    assert card.words.split("\n")[2] == "Secret"
    assert f"Requests\n{requests}\n" in card.words


async def test_a_report_says_how_late_access_ended(latchkey: Latchkey, clock: ManualClock) -> None:
    await granted(latchkey)
    clock.advance(hours=2, minutes=3)
    await latchkey.tick()

    card = await latchkey.say(AVERY, "report")

    assert "Median lateness of revocations\n3 minutes" in card.words
    assert "within 1 minute\n0\nwithin 5 minutes\n1\nwithin 1 hour\n0" in card.words


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("report 3 months", "I can't read that period."),
        ("report 400d", "366 days"),
        ("report no_secret", "That's not a valid secret name"),
    ],
)
async def test_a_report_that_cannot_be_read_gets_a_clear_answer(
    latchkey: Latchkey, typed: str, answer: str
) -> None:
    assert answer in (await latchkey.say(AVERY, typed)).words


async def test_messages_never_appear_in_the_log(
    latchkey: Latchkey, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = correlation_id(await granted(latchkey))
    for typed in ("history", f"history {request_id}", f"verify {request_id}", "report", "export"):
        await latchkey.say_for_all(AVERY, typed)

    assert "smoke test" not in caplog.text


def _mentioning_dana(after: str) -> Json:
    message = a_message(f"history <at>Dana Developer</at>{after}", AVERY, a_channel("audit"))
    mention = {"type": "mention", "mentioned": DANA.account(), "text": "<at>Dana Developer</at>"}
    return message | {"entities": [*message["entities"], mention]}


async def test_the_history_says_what_was_asked_for_and_what_was_allowed(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(DANA, f"request secret {DEMO_API_KEY} for 2h because CHG-4711")
    await latchkey.tick()
    card = latchkey.card_of(AVERY)
    await latchkey.click(AVERY, card, "Approve with limits", window="30m", narrow="true")
    await latchkey.tick()

    history = await latchkey.say(AVERY, f"history {correlation_id(latchkey.sent_to(DANA)[-1])}")

    assert f"Dana Developer asks to read {DEMO_API_KEY} in demo-vault for 2 hours." in history.words
    assert "Allowed: for 30 minutes, only this secret." in history.words
    decided = latchkey.card_of(AVERY).words
    assert "for 2 hours" not in decided
    assert "Approved for 30 minutes." in decided
    assert "Approved by Avery Approver, for 30 minutes, only this secret" in decided
    assert "for 30 minutes, only this secret, by Avery Approver" in latchkey.sent_to(DANA)[-1].words


async def test_the_history_says_when_access_was_to_end_at_the_time(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    clock.advance(minutes=30)
    await latchkey.say(DANA, f"extend {request_id} 30m")
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.sent_to(AVERY)[-1], "Allow")
    await latchkey.tick()

    history = await latchkey.say(AVERY, f"history {request_id}")

    assert f"more access to {DEMO_API_KEY} in demo-vault, which ends on 2 Mar 2026, 11:00 UTC." in (
        history.words
    )
    assert "It now ends on 2 Mar 2026, 11:30 UTC." in history.words


@pytest.mark.parametrize(
    "line", ["report 0d", "report last month", "history 0d", "export -1d", "export figures 1,5d"]
)
async def test_a_period_that_cannot_be_read_is_not_taken_for_a_name(
    latchkey: Latchkey, line: str
) -> None:
    answer = await latchkey.say(AVERY, line)

    assert "I can't read that period" in answer.words


async def test_a_secret_can_have_the_name_of_a_period(latchkey: Latchkey) -> None:
    await latchkey.restart(ALLOWED_SECRETS='["7d", "demo-api-key"]')

    assert "Secret\n7d" in (await latchkey.say(AVERY, "report 7d")).words


@pytest.mark.parametrize("line", ["history 7d", "history for demo-api-key", "history {mail}"])
async def test_a_history_is_found_however_it_is_asked_for(latchkey: Latchkey, line: str) -> None:
    request_id = correlation_id(await granted(latchkey))

    card = await latchkey.say(AVERY, line.format(mail=seed.DANA.mail))

    assert listed(card) == [request_id]
