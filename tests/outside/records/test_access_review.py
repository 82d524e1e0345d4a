"""An admin reviews who has had which access, on a card and in a file."""

import csv
import io

import pytest

from sandbox.seed import APP_API_KEY, DEMO_API_KEY, OLD_API_KEY
from tests.outside.records.test_export import answer
from tests.outside.scenarios import granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import words
from tests.support.teams import Json, a_channel, a_message

pytestmark = pytest.mark.in_memory


async def reviewed(bot: Latchkey, typed: str = "review") -> tuple[Seen, Json]:
    """Send the command; return the card and the attachment that offers the file."""
    await bot.deliver(a_message(typed, AVERY))
    card, question = bot.teams.posted_to(AVERY)[-2:]
    [offer] = question.activity["attachments"]
    assert offer["contentType"] == "application/vnd.microsoft.teams.card.file.consent"
    return Seen.of(card), offer


async def file_of(bot: Latchkey, offer: Json) -> list[dict[str, str]]:
    await answer(bot, offer)
    [upload] = bot.teams.uploads
    return list(csv.DictReader(io.StringIO(upload.body.decode("utf-8-sig"), newline="")))


async def test_it_shows_who_had_which_access_and_what_nobody_used(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(hours=2)
    await latchkey.tick()

    card, _ = await reviewed(latchkey)

    assert card.title == "Access review · the last 90 days"
    assert card.status == "1 person, 1 secret"
    assert f"Dana Developer: {DEMO_API_KEY} in demo-vault" in card.words
    assert "Granted 1 time, last " in card.words
    assert "Held for 2 hours. " in card.words
    assert "Approved most often by Avery Approver (1)" in card.words
    assert "Rules that nobody had access by: 3\n" in card.words
    assert APP_API_KEY in card.words
    assert "Named to approve, never decided: 1\nRobin Reviewer" in card.words
    assert "1 request made since " in card.words


async def test_its_first_answer_comes_at_once_and_becomes_the_review(latchkey: Latchkey) -> None:
    await granted(latchkey)

    await reviewed(latchkey)

    posted = latchkey.teams.posted_to(AVERY)[-2]
    first = words(posted.earlier[0]["attachments"][0]["content"])
    assert "Reading the history: starting" in first
    assert first.endswith("Then type again:\nreview")
    assert Seen.of(posted).title == "Access review · the last 90 days"


async def test_the_file_has_all_of_it(latchkey: Latchkey) -> None:
    await granted(latchkey)
    _, offer = await reviewed(latchkey)

    rows = await file_of(latchkey, offer)

    [access] = [row for row in rows if row["about"] == "access"]
    assert offer["name"].startswith("latchkey-access-review-")
    assert (access["person_id"], access["secret"]) == (DANA.object_id, DEMO_API_KEY)
    assert (access["times_granted"], access["held_now"]) == ("1", "yes")
    unused = {row["rule"] for row in rows if row["about"] == "unused rule"}
    assert unused == {APP_API_KEY, OLD_API_KEY, "forgotten-api-key"}
    assert {row["about"] for row in rows} == {"access", "unused rule", "unused right", "coverage"}


@pytest.mark.parametrize(
    ("typed", "people"),
    [
        ("review", "1 person, 1 secret"),
        ("review 30d", "Nobody had access"),
        ("review last 30 days", "Nobody had access"),
        ("Review 1d", "Nobody had access"),
        ("review 41d", "1 person, 1 secret"),
        ("review access 90d", "1 person, 1 secret"),
    ],
)
async def test_its_period_can_be_chosen(
    latchkey: Latchkey, clock: ManualClock, typed: str, people: str
) -> None:
    await granted(latchkey)
    clock.advance(hours=3)
    await latchkey.tick()
    clock.advance(days=40)

    card, _ = await reviewed(latchkey, typed)

    assert card.status == people


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("review 367d", "That's too long: the period can be 366 days at most."),
        ("review 999999d", "That's too long"),
        ("review 5 apples", "I can't read that period."),
        ("review 0d", "I can't read that period."),
        ("review req-abc", "review [30d|90d]"),
        ("history last 999999d", "That's too long"),
        ("export last 999999d", "That's too long"),
    ],
)
async def test_another_period_gets_a_clear_answer(
    latchkey: Latchkey, typed: str, said: str
) -> None:
    assert said in (await latchkey.say(AVERY, typed)).words


async def test_it_is_for_admins_only(latchkey: Latchkey) -> None:
    await granted(latchkey)

    told = await latchkey.say(DANA, "review")

    assert "Only admins can do that." in told.words
    assert latchkey.teams.uploads == []


async def test_someone_else_cannot_take_the_file(latchkey: Latchkey) -> None:
    await granted(latchkey)
    _, offer = await reviewed(latchkey)

    told = await answer(latchkey, offer, by=ROBIN)

    assert "This file was offered to someone else" in told.words
    assert latchkey.teams.uploads == []


async def test_in_a_channel_there_is_the_card_and_no_file(latchkey: Latchkey) -> None:
    await granted(latchkey)

    await latchkey.deliver(a_message("review", AVERY, a_channel("audit")))

    posted = latchkey.teams.posted[-1]
    assert Seen.of(posted).title == "Access review · the last 90 days"
    assert "In our personal chat, it's also a file." in Seen.of(posted).words


async def test_without_any_request_it_says_so(latchkey: Latchkey) -> None:
    card, _ = await reviewed(latchkey)

    assert card.status == "Nobody had access"
    assert "0 requests made since" in card.words
