"""With a Log Analytics workspace, `history` says which reads there were under a grant."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from sandbox.seed import APP_API_KEY, DEMO_API_KEY, VAULT, WORKSPACE_ID
from tests.outside.records.test_export import exported
from tests.outside.scenarios import ASKED, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey, RunWith
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.in_memory


@pytest.fixture
async def watched(run_with: RunWith, sandbox: Sandbox) -> AsyncIterator[Latchkey]:
    """The bot, with a workspace that the vault sends its log to."""
    log = {
        "LOG_ANALYTICS_WORKSPACE_ID": WORKSPACE_ID,
        "AZURE_LOG_ANALYTICS_ENDPOINT": sandbox.base_url,
    }
    async with run_with(log) as running:
        yield running


def queries(bot: Latchkey) -> int:
    return sum(one.path.endswith("/query") for one in bot.sandbox.log)


def reads_in(words: str) -> list[str]:
    """Return what a card says about reads."""
    section = words.partition("\nReads\n")[2].partition("\nCorrelation ID")[0]
    return section.split("\n") if section else []


async def lines_of(bot: Latchkey, typed: str) -> list[dict[str, Any]]:
    """Export a file of reads, and return its lines."""
    upload = await exported(bot, typed)
    return [json.loads(line) for line in upload.body.decode().splitlines()]


async def history(bot: Latchkey, request_id: str) -> list[str]:
    return reads_in((await bot.say(AVERY, f"history {request_id}")).words)


async def test_the_history_of_a_request_has_its_holders_reads(
    watched: Latchkey, clock: ManualClock
) -> None:
    watched.sandbox.state.knobs.log_delay_seconds = 600
    request_id = correlation_id(await granted(watched))
    clock.advance(minutes=5)
    await watched.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=10)
    await watched.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=5)
    await watched.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=5)
    early = await history(watched, request_id)
    clock.advance(minutes=5)
    found = await history(watched, request_id)

    version = watched.sandbox.state.vaults[VAULT].secrets[DEMO_API_KEY].current.id[:8]
    read = f"SecretGet · {DEMO_API_KEY}, version {version} · allowed by this grant"
    assert early == [
        f"{DEMO_API_KEY}, version {version}: 2 reads, from 09:05:00 UTC to 09:15:00 UTC",
        "The newest first:",
        f"09:15:00 UTC · {read}",
        f"09:05:00 UTC · {read}",
        "Reads after 09:10 UTC may not be in the log yet.",
    ]
    assert found == [
        f"{DEMO_API_KEY}, version {version}: 3 reads, from 09:05:00 UTC to 09:20:00 UTC",
        "The newest first:",
        f"09:20:00 UTC · {read}",
        f"09:15:00 UTC · {read}",
        f"09:05:00 UTC · {read}",
        "Reads after 09:15 UTC may not be in the log yet.",
    ]


async def test_what_the_grant_opened_beside_what_was_asked_for_is_in_its_history(
    watched: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(watched))
    clock.advance(minutes=5)
    await watched.read(DANA, APP_API_KEY)

    found = await history(watched, request_id)

    assert [line for line in found if line.startswith(f"09:05:00 UTC · SecretGet · {APP_API_KEY}")]
    assert (
        "1 of them was of a secret that wasn't requested: the grant opened the whole vault."
        in found
    )


async def test_no_read_in_a_log_that_may_be_late_is_not_called_none(
    watched: Latchkey, clock: ManualClock
) -> None:
    watched.sandbox.state.knobs.log_delay_seconds = 600
    request_id = correlation_id(await granted(watched))
    clock.advance(minutes=11)
    await watched.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=2)

    found = await history(watched, request_id)

    assert found == [
        "The vault's log shows no read so far, which doesn't prove that there was none.",
        "Reads after 09:00 UTC may not be in the log yet.",
    ]


async def test_of_many_reads_the_newest_are_listed_and_a_file_has_each(
    watched: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.access.reads.every_read.PAGE", 5)
    request_id = correlation_id(await granted(watched))
    for _ in range(13):
        clock.advance(minutes=1)
        await watched.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=30)

    found = await history(watched, request_id)
    about, *reads = await lines_of(watched, f"export reads {request_id}")

    listed = [line for line in found if "SecretGet" in line]
    assert (len(listed), listed[0][:12]) == (10, "09:13:00 UTC")
    assert f"… and 3 more. An admin gets all of them with export reads {request_id}." in found
    assert (about["workflow"], about["reads"], about["is_whole"]) == (request_id, 13, True)
    assert about["may_be_missing_after"] == "2026-03-02T09:28:00+00:00"
    assert [one["at"][11:16] for one in reads] == [f"09:{at:02}" for at in range(13, 0, -1)]
    assert {one["operation"] for one in reads} == {"SecretGet"}
    assert {(one["caller_id"], one["is_by_this_grant"]) for one in reads} == {
        (DANA.object_id, True)
    }


async def test_each_read_without_a_grant_is_in_a_file_too(
    watched: Latchkey, clock: ManualClock
) -> None:
    await granted(watched)
    await watched.read(DANA, DEMO_API_KEY)
    watched.assign_by_hand(ROBIN)
    clock.advance(minutes=1)
    await watched.read(ROBIN, DEMO_API_KEY)
    clock.advance(minutes=20)

    about, *reads = await lines_of(watched, "export reads")

    assert (about["about"], about["reads"]) == ("reads without a grant", 1)
    [read] = reads
    assert (read["caller"], read["caller_id"]) == (ROBIN.name, ROBIN.object_id)
    assert (read["secret"], read["operation"]) == (DEMO_API_KEY, "SecretGet")
    assert read["at"] == "2026-03-02T09:01:00+00:00"


async def test_a_file_of_reads_is_refused_where_there_is_nothing_to_ask(
    watched: Latchkey,
) -> None:
    pending = correlation_id(await watched.say(DANA, ASKED))
    body = {"error": {"code": "InsufficientAccessError", "message": "not you"}}
    fault = InjectedFault("POST", re.compile("/query"), answer=Reply(403, body), times=1_000)

    never = await watched.say(AVERY, f"export reads {pending}")
    unknown = await watched.say(AVERY, "export reads req-aaaaaaaaaa")
    watched.sandbox.break_next(fault)
    refused = await watched.say(AVERY, "export reads")
    not_an_admin = await watched.say(DANA, f"export reads {pending}")

    assert "This request has never given any access" in never.words
    assert "I can't find anything with that ID" in unknown.words
    assert "nothing was exported: Azure answered 403 InsufficientAccessError." in refused.words
    assert "Only admins can do that." in not_an_admin.words


async def test_without_a_workspace_there_is_no_file_of_reads(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))

    of_grant = await latchkey.say(AVERY, f"export reads {request_id}")
    outside = await latchkey.say(AVERY, "export reads")

    assert "There is no log of reads here" in of_grant.words
    assert "There is no log of reads here" in outside.words


async def test_an_incomplete_answer_is_said_to_be_one_and_asked_for_again(
    watched: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(watched))
    clock.advance(hours=2)
    await watched.tick()
    error = {"code": "PartialError", "message": "There were some errors"}
    table = {"name": "PrimaryResult", "columns": [], "rows": []}
    answer = Reply(200, {"tables": [table], "error": error})
    watched.sandbox.break_next(InjectedFault("POST", re.compile("/query"), answer=answer, times=2))
    found = await history(watched, request_id)
    clock.advance(minutes=25)
    await watched.tick()
    await watched.tick()
    too_early = watched.audit()[-1].status
    clock.advance(minutes=15)
    await watched.tick()
    await watched.tick()

    assert found[1] == "The log's answer was incomplete, so reads may be missing."
    assert too_early != "Reads under the grant"
    assert watched.audit()[-1].status == "Reads under the grant"


async def test_a_log_that_refuses_the_bot_leaves_the_rest_of_the_history(
    watched: Latchkey,
) -> None:
    request_id = correlation_id(await granted(watched))
    body = {"error": {"code": "InsufficientAccessError", "message": "not you"}}
    fault = InjectedFault("POST", re.compile("/query"), answer=Reply(403, body), times=1_000)
    watched.sandbox.break_next(fault)

    card = await watched.say(AVERY, f"history {request_id}")

    assert reads_in(card.words) == [
        "I couldn't ask the vault's log: Azure answered 403 InsufficientAccessError."
    ]
    assert "Approved" in card.words


async def test_without_a_workspace_nothing_is_said(latchkey: Latchkey, clock: ManualClock) -> None:
    request_id = correlation_id(await granted(latchkey))
    await latchkey.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=20)

    found = await history(latchkey, request_id)

    assert (found, queries(latchkey)) == ([], 0)


async def test_the_doctor_says_whether_the_vault_sends_its_log(
    watched: Latchkey, clock: ManualClock
) -> None:
    watched.sandbox.state.knobs.log_delay_seconds = 300
    first = await watched.say(AVERY, "doctor")
    clock.advance(minutes=7)
    second = await watched.say(AVERY, "doctor")

    assert f"Log of reads  the log has nothing of {VAULT} from the last day" in first.words
    assert "every vault writes into it; the newest line is 7 minutes old" in second.words


async def test_the_report_lists_reads_without_a_grant(
    watched: Latchkey, clock: ManualClock
) -> None:
    await granted(watched)
    await watched.read(DANA, DEMO_API_KEY)
    watched.assign_by_hand(ROBIN)
    await watched.read(ROBIN, DEMO_API_KEY)
    clock.advance(minutes=20)

    report, reads = await watched.say_for_all(AVERY, "report 7d")

    assert report.status == "Nothing is stuck"
    assert reads.status == "1 reader without a grant"
    assert reads.words.split("\n")[7:13] == [
        ROBIN.name,
        DEMO_API_KEY,
        "1",
        "2 Mar 2026",
        "The newest reads",
        f"2 Mar 2026, 09:00 UTC · {ROBIN.name} · SecretGet · {DEMO_API_KEY}",
    ]
    assert DANA.name not in reads.words


async def test_the_message_about_the_end_is_updated_once_the_log_has_caught_up(
    watched: Latchkey, clock: ManualClock
) -> None:
    await granted(watched)
    clock.advance(minutes=30)
    await watched.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=90)
    await watched.tick()
    posted = len(watched.sent_to(DANA))
    [ended] = [seen for seen in watched.sent_to(DANA) if seen.status == "Access ended"]
    asked_at_the_end = queries(watched)
    clock.advance(minutes=25)
    await watched.tick()
    await watched.tick()

    [updated] = [seen for seen in watched.sent_to(DANA) if seen.status == "Access ended"]
    shown = "The vault's log shows one read, on 2 Mar 2026, 09:30 UTC. Operations: SecretGet."
    assert (asked_at_the_end, queries(watched)) == (0, 1)
    assert "log" not in ended.words
    assert (updated.id, len(watched.sent_to(DANA))) == (ended.id, posted)
    assert shown in updated.words
    assert shown in watched.card_of(AVERY).words
    assert watched.audit()[-1].status == "Reads under the grant"
    assert shown in watched.audit()[-1].words


async def test_more_reads_than_are_looked_at_are_not_counted_as_all(
    watched: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.access.reads.grant_reads.MOST", 2)
    await granted(watched)
    for _ in range(3):
        clock.advance(minutes=10)
        await watched.read(DANA, DEMO_API_KEY)
    clock.advance(minutes=90)
    await watched.tick()
    clock.advance(minutes=25)
    await watched.tick()

    shown = "The vault's log shows 2 reads and more, the last one on 2 Mar 2026, 09:30 UTC."
    assert shown in watched.audit()[-1].words


async def test_a_grant_without_a_read_says_when_the_log_was_asked(
    watched: Latchkey, clock: ManualClock
) -> None:
    await granted(watched)
    clock.advance(hours=2)
    await watched.tick()
    clock.advance(minutes=25)
    await watched.tick()
    await watched.tick()

    asked = f"{clock():%H:%M} UTC"
    assert (
        f"On 2 Mar 2026, {asked}, the vault's log showed no read, which doesn't prove that there "
        "was none." in watched.audit()[-1].words
    )
