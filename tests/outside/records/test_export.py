"""An admin exports the history, and Teams saves it to their OneDrive."""

import csv
import io
import json
from hashlib import sha256
from typing import Any

import pytest

from services.audit.files import export
from tests.outside.scenarios import ASKED, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Fault, Json, Person, Upload, a_channel, a_file_consent, a_message

pytestmark = pytest.mark.in_memory


async def offered(bot: Latchkey, typed: str = "export", to: Person = AVERY) -> Json:
    """Send an export command; return the attachment that offers the file."""
    await bot.deliver(a_message(typed, to))
    [attachment] = bot.teams.posted_to(to)[-1].activity["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.teams.card.file.consent"
    offer: Json = attachment
    return offer


async def answer(
    bot: Latchkey, offer: Json, action: str = "accept", by: Person = AVERY, url: str | None = None
) -> Seen:
    """Answer an offer; return the bot's reply."""
    await bot.deliver(a_file_consent(action, offer, by, url or bot.teams.upload_url))
    return Seen.of(bot.teams.posted_to(by)[-1])


def rows(upload: Upload) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(upload.body.decode("utf-8-sig"))))


async def exported(bot: Latchkey, typed: str) -> Upload:
    await answer(bot, await offered(bot, typed))
    [upload] = bot.teams.uploads
    return upload


async def test_nothing_is_uploaded_before_the_person_accepts(latchkey: Latchkey) -> None:
    await granted(latchkey)

    offer = await offered(latchkey)

    assert latchkey.teams.uploads == []
    assert offer["name"].endswith(".csv")
    assert offer["content"]["sizeInBytes"] > 0
    assert offer["content"]["description"].startswith("1 request or rotation")


async def test_the_csv_contains_every_event_with_its_hash(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))

    upload = await exported(latchkey, "export")

    size = len(upload.body)
    assert upload.content_range == f"bytes 0-{size - 1}/{size}"
    assert upload.authorization is None
    events = [(row["event_number"], row["event"]) for row in rows(upload)]
    assert events == [("1", "requested"), ("2", "approved"), ("3", "granted")]
    for row in rows(upload):
        assert row["workflow"] == request_id
        assert row["verification"] == "unbroken: 3 events"
        assert row["last_hash"] == rows(upload)[-1]["event_hash"]


async def test_the_hash_chain_can_be_recomputed_from_the_json(latchkey: Latchkey) -> None:
    await granted(latchkey)

    whole = json.loads((await exported(latchkey, "export json last 7d")).body)

    [workflow] = whole["workflows"]
    assert recomputed(workflow) == workflow["last_hash"]
    assert workflow["unbroken"] is True
    assert whole["is_whole"] is True


async def test_the_question_is_replaced_by_a_link_to_the_file(latchkey: Latchkey) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)
    question = latchkey.teams.posted_to(AVERY)[-1]

    url = latchkey.teams.upload_url
    await latchkey.deliver(a_file_consent("accept", offer, AVERY, url, question.id))

    [info] = latchkey.teams.posted_to(AVERY)[-1].activity["attachments"]
    assert info["contentType"] == "application/vnd.microsoft.teams.card.file.info"
    assert info["contentUrl"].startswith(url)
    assert question.deleted


async def test_it_takes_the_same_filters_as_the_history(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await latchkey.say(DANA, ASKED)
    clock.advance(days=8)
    recent = correlation_id(await latchkey.say(DANA, "request app-api-key for 1h because x"))

    upload = await exported(latchkey, "export csv last 7d")

    assert {row["workflow"] for row in rows(upload)} == {recent}


async def test_the_next_file_is_offered_when_one_is_uploaded(
    latchkey: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST", 1)
    older = correlation_id(await latchkey.say(DANA, ASKED))
    clock.advance(minutes=1)
    newer = correlation_id(await latchkey.say(DANA, "request app-api-key for 1h because x"))

    first = await offered(latchkey)
    await latchkey.deliver(a_file_consent("accept", first, AVERY, latchkey.teams.upload_url))
    [second] = latchkey.teams.posted_to(AVERY)[-1].activity["attachments"]
    await latchkey.deliver(a_file_consent("accept", second, AVERY, latchkey.teams.upload_url))

    assert first["content"]["description"].startswith("File 1: 1 request or rotation, opened from ")
    assert first["content"]["description"].endswith("; older ones follow")
    assert second["content"]["description"].startswith("File 2, the last: 1 request or rotation")
    held = [{row["workflow"] for row in rows(upload)} for upload in latchkey.teams.uploads]
    assert held == [{newer}, {older}]


async def test_an_empty_export_is_not_offered(latchkey: Latchkey) -> None:
    assert "There's nothing to export" in (await latchkey.say(AVERY, "export")).words


async def test_declining_is_final_and_uploads_nothing(
    latchkey: Latchkey,
) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)

    declined = await answer(latchkey, offer, "decline")
    late = await answer(latchkey, offer)

    assert "Not exported." in declined.words
    assert "has already been taken" in late.words
    assert latchkey.teams.uploads == []


async def test_an_offer_can_be_accepted_once(latchkey: Latchkey) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)

    await answer(latchkey, offer)
    again = await answer(latchkey, offer)

    assert "has already been taken" in again.words
    assert len(latchkey.teams.uploads) == 1


async def test_only_its_person_can_accept_an_offer(latchkey: Latchkey) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)

    stolen = await answer(latchkey, offer, by=ROBIN)

    assert "was offered to someone else" in stolen.words
    assert latchkey.teams.uploads == []
    await answer(latchkey, offer)
    assert len(latchkey.teams.uploads) == 1


async def test_an_offer_expires_after_fifteen_minutes(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)
    clock.advance(minutes=15)

    assert "is too old" in (await answer(latchkey, offer)).words
    assert latchkey.teams.uploads == []


async def test_a_former_admin_gets_no_file(latchkey: Latchkey) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)
    await latchkey.restart(ADMIN_USERS=ROBIN.object_id)

    assert "Only admins can do that." in (await answer(latchkey, offer)).words
    assert latchkey.teams.uploads == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/upload",
        "http://contoso-my.sharepoint.com/upload",
        "https://contoso-my.sharepoint.com@evil.example/upload",
        "https://contoso-my.sharepoint.com:8443/upload",
        "https://evilsharepoint.com/upload",
        "https://169.254.169.254/metadata",
        "file:///etc/passwd",
        "//contoso-my.sharepoint.com/upload",
        "https://[::1",
        "",
    ],
)
async def test_a_file_is_only_uploaded_to_onedrive(latchkey: Latchkey, url: str) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)
    consent = a_file_consent("accept", offer, AVERY, latchkey.teams.upload_url)
    consent["value"]["uploadInfo"]["uploadUrl"] = url

    await latchkey.deliver(consent)

    assert "didn't accept the file" in Seen.of(latchkey.teams.posted_to(AVERY)[-1]).words
    assert latchkey.teams.uploads == []


async def test_a_refused_upload_is_reported_to_the_person(
    latchkey: Latchkey, caplog: pytest.LogCaptureFixture
) -> None:
    await granted(latchkey)
    offer = await offered(latchkey)
    latchkey.teams.fail(Fault(507), method="PUT")

    refused = await answer(latchkey, offer)

    assert "didn't accept the file, so nothing was exported" in refused.words
    assert "session=secret" not in caplog.text


@pytest.mark.parametrize("value", [None, 5, [], "x", {}, {"action": "accept", "context": 5}])
async def test_a_malformed_answer_is_harmless(latchkey: Latchkey, value: Any) -> None:
    await granted(latchkey)
    consent = a_file_consent("accept", await offered(latchkey), AVERY, "")

    await latchkey.deliver(consent | {"value": value})

    assert latchkey.teams.uploads == []


async def test_the_figures_of_a_report_are_the_ones_on_its_card(latchkey: Latchkey) -> None:
    await granted(latchkey)
    await latchkey.say(DANA, ASKED)

    card = await latchkey.say(AVERY, "report 90d")
    figures = rows(await exported(latchkey, "export figures 90d"))

    counts = {(row["about"], row["name"]): row["count"] for row in figures}
    assert "Requests\n2\n1 active, 1 pending" in card.words
    assert (counts["requests", "active"], counts["requests", "pending"]) == ("1", "1")
    assert "Avery Approver\n1\n0" in card.words
    assert counts["decider", "Avery Approver"] == "1"
    assert sum(int(row["grants"]) for row in figures if row["about"] == "week") == 1


async def test_the_figures_of_one_secret_leave_out_the_others(latchkey: Latchkey) -> None:
    await granted(latchkey)

    figures = rows(await exported(latchkey, "export figures app-api-key"))

    assert {row["secret_reported"] for row in figures} == {"app-api-key"}
    assert [row for row in figures if row["about"] in {"requests", "decider"}] == []


async def test_in_a_channel_nothing_is_offered(latchkey: Latchkey) -> None:
    await granted(latchkey)

    card = await latchkey.say(AVERY, "export", a_channel("general"))

    assert "I can send files in personal chats only." in card.words


async def test_no_cell_is_a_formula(latchkey: Latchkey) -> None:
    villain = Person('=HYPERLINK("https://evil.example")', DANA.object_id)
    await latchkey.say(villain, "request secret demo-api-key for 2h because =1+1")

    [row] = rows(await exported(latchkey, "export"))

    assert row["asked_by"] == '\'=HYPERLINK("https://evil.example")'


def recomputed(workflow: Json) -> str:
    """Compute an exported workflow's last hash from the export alone."""
    previous = sha256(workflow["workflow"].encode()).hexdigest()
    for event in workflow["events"]:
        parts = (previous, workflow["workflow"], str(event["event_number"]), event["stored_event"])
        previous = sha256("\n".join(parts).encode()).hexdigest()
    return previous
