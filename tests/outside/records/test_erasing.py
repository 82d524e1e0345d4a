"""An admin has a person's name erased."""

import asyncio

import pytest

from cards.kit import verbs
from sandbox import seed
from tests.outside.rotation_scenarios import now
from tests.outside.scenarios import correlation_id, granted
from tests.support.deployment import AUDIT, AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.tables.held_table import HeldTable
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import a_channel, an_execute

pytestmark = pytest.mark.in_memory

ID = "ers-a2b3c4d5e6"


async def erased(bot: Latchkey, typed: str = f"erase {DANA.object_id}") -> Seen:
    """Have Dana's name erased, and return what the admin sees at last."""
    card = await bot.say(AVERY, typed)
    shown = await bot.click(AVERY, card, "Erase")
    await bot.tick()
    return shown


def audited(bot: Latchkey, title: str) -> list[Seen]:
    return [post for post in bot.audit() if post.status == title]


@pytest.mark.parametrize("who", [DANA.object_id, f"@{seed.DANA.mail}"])
async def test_it_asks_first_and_says_what_stays(latchkey: Latchkey, who: str) -> None:
    card = await latchkey.say(AVERY, f"erase {who}")

    assert card.status == "Erase this person's name?"
    assert "Dana Developer" in card.words
    assert DANA.object_id in card.words
    assert "Messages in Teams" in card.words
    assert card.buttons == {"Erase", "Cancel"}
    assert audited(latchkey, "Erasing a name") == []


async def test_no_row_has_the_name_and_the_audit_channel_says_so(
    latchkey: Latchkey, table: MemoryTable
) -> None:
    request_id = correlation_id(await granted(latchkey))
    shown = await erased(latchkey)

    [begun], [ended] = (audited(latchkey, one) for one in ("Erasing a name", "Name erased"))
    values = " ".join(str(row.values) for row in table.rows())
    verified = await latchkey.say(AVERY, f"verify {request_id}")
    assert "A message in the audit channel says when it's done." in shown.words
    assert "Avery Approver has the name of the person with the object ID" in begun.words
    assert f"In 1 workflow, there is only the object ID {DANA.object_id} now." in ended.words
    assert "Dana Developer" not in values
    assert DANA.object_id in values
    assert "Unbroken: 3 events; 1 name was erased" in verified.words


async def test_the_history_shows_the_object_id(latchkey: Latchkey) -> None:
    await granted(latchkey)
    await erased(latchkey)

    card = await latchkey.say(AVERY, "history")

    assert DANA.object_id in card.words
    assert "Dana Developer" not in card.words


async def test_cancelled_nothing_changes(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, f"erase {DANA.object_id}")
    shown = await latchkey.click(AVERY, card, "Cancel")
    await latchkey.tick()

    assert "Cancelled. This erasure wasn't begun." in shown.words
    assert audited(latchkey, "Erasing a name") == []


async def test_an_erasure_cancelled_while_it_is_beginning_erases_nothing(
    latchkey: Latchkey,
) -> None:
    table = HeldTable("workflow~ers-")
    latchkey.use_table(table)
    await latchkey.restart()
    card = await latchkey.say(AVERY, f"erase {DANA.object_id}", a_channel("operations"))
    beginning = asyncio.create_task(latchkey.click(AVERY, card, "Erase"))
    await table.is_reached.wait()
    cancelled = await latchkey.click(ROBIN, card, "Cancel")
    table.goes_on.set()
    answer = await beginning
    await latchkey.tick()

    assert "Cancelled. This erasure wasn't begun." in cancelled.words
    assert answer.sentence.startswith("Robin Reviewer cancelled this on 2 Mar 2026, 09:00 UTC")
    assert audited(latchkey, "Erasing a name") == []


async def test_an_erasure_that_was_cancelled_never_begins(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, f"erase {DANA.object_id}", a_channel("operations"))
    await latchkey.click(AVERY, card, "Cancel")

    answer = await latchkey.click(ROBIN, card, "Erase")
    await latchkey.tick()

    assert answer.sentence.startswith("Avery Approver cancelled this on 2 Mar 2026, 09:00 UTC")
    assert audited(latchkey, "Erasing a name") == []


async def test_an_erasure_that_has_begun_cannot_be_cancelled(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, f"erase {DANA.object_id}", a_channel("operations"))
    await latchkey.click(AVERY, card, "Erase")

    answer = await latchkey.click(ROBIN, card, "Cancel")
    again = await latchkey.click(AVERY, card, "Erase")

    assert "This has ended" in answer.words
    assert "This has ended" in again.words


async def test_someone_who_has_left_is_erased_by_object_id(latchkey: Latchkey) -> None:
    gone = "99999999-0000-4000-8000-000000000009"
    card = await latchkey.say(AVERY, f"erase {gone}")
    await latchkey.click(AVERY, card, "Erase")
    await latchkey.tick()

    [ended] = audited(latchkey, "Name erased")
    assert f"In 0 workflows, there is only the object ID {gone} now." in ended.words


async def test_only_admins_can_ask_for_it(latchkey: Latchkey) -> None:
    asked = await latchkey.say(DANA, f"erase {ROBIN.object_id}")
    data = {verbs.ERASURE: ID, verbs.PERSON: ROBIN.object_id}
    clicked = await latchkey.deliver(an_execute(verbs.ERASE, data, DANA))
    await latchkey.tick()

    assert "Only admins can do that." in asked.words
    assert clicked is not None
    assert audited(latchkey, "Erasing a name") == []


@pytest.mark.parametrize(
    "data",
    [
        {verbs.ERASURE: ID, verbs.PERSON: "Dana"},
        {verbs.ERASURE: "req-a2b3c4d5e6", verbs.PERSON: DANA.object_id},
        {},
    ],
)
async def test_what_a_client_makes_up_erases_nothing(
    latchkey: Latchkey, data: dict[str, str]
) -> None:
    await latchkey.deliver(an_execute(verbs.ERASE, data, AVERY))
    await latchkey.tick()

    assert audited(latchkey, "Erasing a name") == []


async def test_cancel_says_nothing_of_what_someone_else_has_begun(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, f"erase {DANA.object_id}", AUDIT)
    await latchkey.click(AVERY, card, "Erase")
    during = await latchkey.click(ROBIN, card, "Cancel")
    await latchkey.tick()
    after = await latchkey.click(ROBIN, card, "Cancel")
    again = await latchkey.click(ROBIN, card, "Erase")

    assert "Cancelled." not in during.words
    assert "This has ended" in after.words
    assert "This has ended" in again.words


@pytest.mark.parametrize("button", ["Erase", "Cancel"])
async def test_everybody_sees_that_the_question_is_answered(
    latchkey: Latchkey, button: str
) -> None:
    card = await latchkey.say(AVERY, f"erase {DANA.object_id}", AUDIT)
    await latchkey.click(AVERY, card, button)

    assert now(latchkey, card).buttons == set()


async def test_one_question_erases_no_one_else(latchkey: Latchkey) -> None:
    await erased(latchkey)
    [begun] = audited(latchkey, "Erasing a name")
    data = {verbs.ERASURE: correlation_id(begun), verbs.PERSON: ROBIN.object_id}
    answer = await latchkey.deliver(an_execute(verbs.ERASE, data, AVERY))
    await latchkey.tick()

    assert "being erased" not in str(answer.body)
    assert audited(latchkey, "Erasing a name") == [begun]
