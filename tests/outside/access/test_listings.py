"""Looking up a request, one's own access, and pending approvals."""

import pytest

from tests.outside.scenarios import ASKED, asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.reading import words
from tests.support.teams import Person, a_channel, an_execute

pytestmark = pytest.mark.in_memory

NOTHING_TO_SEE = "I can't find a request or rotation with that ID that you can see."
DECIDE = {"Approve", "Approve with limits", "Deny"}


async def test_a_requester_sees_their_requests_status(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(DANA, f" Status {request_id.upper()} ")

    assert (card.title, card.status) == ("Access request", "Sent for approval")
    assert correlation_id(card) == request_id


async def test_an_approver_can_decide_on_a_looked_up_card(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(AVERY, f"status {request_id}")
    answer = await latchkey.click(AVERY, card, "Approve")

    assert answer.status == "Approved, granting access"


async def test_an_admin_sees_other_peoples_requests(latchkey: Latchkey) -> None:
    await latchkey.restart(ADMIN_USERS=MORGAN.object_id)
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(MORGAN, f"status {request_id}")

    assert card.status == "Waiting for approval"
    assert card.buttons == set()  # only approvers can decide it


@pytest.mark.parametrize("command", ["status", "cancel", "revoke"])
async def test_an_unknown_id_and_an_id_of_others_get_the_same_answer(
    latchkey: Latchkey, command: str
) -> None:
    request_id = correlation_id(await asked(latchkey))

    of_others = await latchkey.say(MORGAN, f"{command} {request_id}")
    of_nobody = await latchkey.say(MORGAN, f"{command} req-aaaaaaaaaa")
    of_a_rotation = await latchkey.say(MORGAN, f"{command} rot-aaaaaaaaaa")
    not_one = await latchkey.say(MORGAN, f"{command} ../../head")

    seen = {card.words for card in (of_others, of_nobody, of_a_rotation, not_one)}
    assert seen == {NOTHING_TO_SEE}


async def test_a_looked_up_card_is_kept_up_to_date(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))
    await latchkey.say(ROBIN, f"status {request_id}")

    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    shown = [card for card in latchkey.sent_to(ROBIN) if card.title == "Access request"]
    assert [card.status for card in shown] == ["Granted"] * 2
    assert [card.buttons for card in shown] == [set(), set()]


async def test_a_card_looked_up_in_a_channel_has_no_buttons(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(AVERY, f"status {request_id}", a_channel("general", thread="1"))

    assert card.status == "Waiting for approval"
    assert card.buttons == set()


async def test_a_person_without_access_gets_an_empty_list(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, "my access")

    assert (card.title, card.status) == ("My access", "Nothing")
    assert "Latchkey gives you no access now" in card.words


async def test_a_person_sees_their_access_and_the_time_left(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(minutes=30)
    await latchkey.say(DANA, "request secret app-api-key for 1h because smoke test")

    card = await latchkey.say(DANA, "My  Access")

    assert card.status == "1 granted, 1 waiting for approval"
    assert (
        "demo-api-key in demo-vault\nGranted; ends on 2 Mar 2026, 11:00 UTC, in 1 hour"
        in card.words
    )
    assert "app-api-key in demo-vault\nWaiting for approval; expires" in card.words
    assert card.buttons == {"Extend", "I'm done", "Cancel request"}


async def test_access_can_be_given_back_from_the_list(latchkey: Latchkey) -> None:
    await granted(latchkey)
    card = await latchkey.say(DANA, "my access")

    after = await latchkey.click(DANA, card, "I'm done")
    await latchkey.tick()
    later = await latchkey.say(DANA, "my access")

    assert "Being removed" in after.words
    assert later.status == "Nothing"
    assert latchkey.assigned(DANA) == []


async def test_access_can_be_extended_from_the_list(latchkey: Latchkey, clock: ManualClock) -> None:
    request_id = correlation_id(await granted(latchkey))
    listed = await latchkey.say(DANA, "my access")

    after = await latchkey.click(DANA, listed, "Extend", **{f"more:{request_id}": "45m"})
    again = await latchkey.click(DANA, listed, "Extend", **{f"more:{request_id}": "45m"})
    await latchkey.tick()
    asked_for = [seen for seen in latchkey.sent_to(AVERY) if seen.status == "Extension requested"]
    await latchkey.click(AVERY, asked_for[-1], "Allow")
    await latchkey.tick()

    assert "45 minutes more requested, waiting for approval" in after.words
    assert after.buttons == {"I'm done"}
    assert again.words == after.words
    assert len(asked_for) == 1
    assert "ends on 2 Mar 2026, 11:45 UTC" in (await latchkey.say(DANA, "my access")).words


async def test_an_extension_that_cannot_be_read_leaves_the_list_as_it_is(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))
    listed = await latchkey.say(DANA, "my access")

    after = await latchkey.click(DANA, listed, "Extend", **{f"more:{request_id}": "soon"})

    assert "can't read that duration" in after.sentence
    assert after.card == listed.card


async def test_the_list_has_the_command_that_reads_the_secret(latchkey: Latchkey) -> None:
    await granted(latchkey)

    listed = await latchkey.say(DANA, "my access")

    assert "az keyvault secret show --vault-name demo-vault --name demo-api-key" in listed.words


async def test_with_nothing_granted_the_list_leads_to_the_secrets(latchkey: Latchkey) -> None:
    empty = await latchkey.say(DANA, "my access")

    secrets = await latchkey.click(DANA, empty, "Request access")

    assert secrets.title == "Secrets"
    assert "Request" in secrets.buttons


async def test_a_long_list_of_access_has_pages_and_stays_on_its_page(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    for number in range(7):
        await latchkey.say(DANA, f"{ASKED} {number}")
        clock.advance(minutes=1)
    first = await latchkey.say(DANA, "my access")
    second = await latchkey.click(DANA, first, "Next page")
    left = await latchkey.click(DANA, second, "Cancel request")
    back = await latchkey.click(DANA, left, "Cancel request")

    pages = [page.words.count("Waiting for approval") for page in (first, second, left, back)]
    assert pages == [5, 2, 1, 5]
    assert "… and 2 more." in first.words
    assert second.buttons == {"Cancel request", "First page"}


async def test_whoever_pages_a_list_sees_their_own(latchkey: Latchkey) -> None:
    await asked(latchkey)
    listed = await latchkey.say(DANA, "my access", a_channel("general", thread="1"))

    answer = await latchkey.deliver(
        an_execute("mine.page", {}, MORGAN, listed.place, card=listed.id)
    )

    assert "Latchkey gives you no access" in words(answer.body["value"])


@pytest.mark.parametrize("verb", ["mine.done", "mine.cancel", "mine.extend"])
@pytest.mark.parametrize("request_id", ["", "req-aaaaaaaaaa", "rot-aaaaaaaaaa", "../../head"])
async def test_a_click_with_a_forged_id_is_refused(
    latchkey: Latchkey, verb: str, request_id: str
) -> None:
    data = {"request": request_id, f"more:{request_id}": "1h"}

    answer = await latchkey.deliver(an_execute(verb, data, DANA))

    assert isinstance(answer.body["value"], str)


@pytest.mark.parametrize("after", ["x", "2026-03-02", "2026-03-02T09:00:00.000000Z~../head"])
@pytest.mark.parametrize("verb", ["mine.page", "approvals.page"])
async def test_a_forged_page_is_refused(latchkey: Latchkey, verb: str, after: str) -> None:
    answer = await latchkey.deliver(an_execute(verb, {"after": after}, AVERY))

    assert answer.body["value"] == "This list doesn't go on from here. Open the list again."


async def test_a_request_can_be_cancelled_from_the_list(latchkey: Latchkey) -> None:
    await asked(latchkey)
    card = await latchkey.say(DANA, "my access")

    after = await latchkey.click(DANA, card, "Cancel request")
    await latchkey.tick()

    assert after.status == "Nothing"
    assert latchkey.card_of(AVERY).status == "Cancelled"


@pytest.mark.parametrize("other", [AVERY, MORGAN])
async def test_no_one_can_extend_another_persons_access(latchkey: Latchkey, other: Person) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(DANA, "my access", a_channel("general", thread="1"))

    refused = await latchkey.click(other, card, "Extend", **{f"more:{request_id}": "1h"})

    assert refused.sentence
    assert "more requested" not in (await latchkey.say(DANA, "my access")).words


@pytest.mark.parametrize("other", [AVERY, MORGAN])
async def test_no_one_can_give_back_another_persons_access(
    latchkey: Latchkey, other: Person
) -> None:
    await granted(latchkey)
    card = await latchkey.say(DANA, "my access", a_channel("general", thread="1"))

    await latchkey.click(other, card, "I'm done")
    await latchkey.tick()

    assert len(latchkey.assigned(DANA)) == 1


async def test_an_approver_with_nothing_to_decide_gets_an_empty_list(latchkey: Latchkey) -> None:
    await granted(latchkey)

    card = await latchkey.say(AVERY, "approvals")

    assert (card.title, card.status) == ("Approvals", "Nothing is waiting for you")


async def test_an_approver_sees_and_decides_all_pending_requests(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    clock.advance(minutes=5)
    await latchkey.say(MORGAN, "request secret app-api-key for 1h because CHG-1")

    first, *cards = await latchkey.say_for_all(AVERY, "Approvals")
    await latchkey.click(AVERY, cards[0], "Approve")
    await latchkey.tick()
    [left, _] = await latchkey.say_for_all(AVERY, "approvals")

    assert first.status == "2 requests are waiting for you"
    assert "Dana Developer wants demo-api-key for 2 hours\nWaiting for 5 minutes" in first.words
    assert [card.buttons for card in cards] == [DECIDE, DECIDE]
    assert len(latchkey.assigned(DANA)) == 1
    assert left.status == "1 request is waiting for you"


async def test_of_many_pending_requests_the_oldest_five_are_shown_and_the_rest_counted(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    for number in range(7):
        await latchkey.say(DANA, f"{ASKED} {number}")
        clock.advance(minutes=1)

    first, *cards = await latchkey.say_for_all(AVERY, "approvals")

    assert first.status == "7 requests are waiting for you"
    assert "… and 2 more." in first.words
    whys = [card.words.split("Why\nsmoke test ")[1][0] for card in cards]
    assert whys == ["0", "1", "2", "3", "4"]


async def test_the_next_page_sends_the_cards_of_the_rest(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    for number in range(7):
        await latchkey.say(DANA, f"{ASKED} {number}")
        clock.advance(minutes=1)
    first, *cards = await latchkey.say_for_all(AVERY, "approvals")
    await latchkey.click(AVERY, cards[0], "Deny")

    rest = await latchkey.click(AVERY, first, "Next page")
    sent = latchkey.sent_to(AVERY)[-2:]

    assert (rest.status, rest.buttons) == ("On this page and after it", {"First page"})
    assert [card.words.split("Why\nsmoke test ")[1][0] for card in sent] == ["5", "6"]
    assert [card.buttons for card in sent] == [DECIDE, DECIDE]


async def test_a_card_from_the_list_is_updated_when_someone_else_decides(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)
    [_, card] = await latchkey.say_for_all(AVERY, "approvals")

    await latchkey.click(ROBIN, latchkey.card_of(ROBIN), "Deny")
    await latchkey.tick()

    [posted] = [post for post in latchkey.teams.posted if post.id == card.id]
    assert "Denied" in words(posted.card or {})


async def test_an_extension_request_is_listed_as_pending(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    await latchkey.say(DANA, f"extend {request_id} 1h")

    [first, card] = await latchkey.say_for_all(AVERY, "approvals")
    await latchkey.click(AVERY, card, "Allow")
    await latchkey.tick()

    assert first.status == "1 request is waiting for you"
    assert "ends on 2 Mar 2026, 12:00 UTC" in (await latchkey.say(DANA, "my access")).words
