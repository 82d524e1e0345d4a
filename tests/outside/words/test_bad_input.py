"""Invalid input gets a clear answer, and nothing is lost or done."""

import time

import pytest

from tests.outside.scenarios import ASKED, asked, correlation_id, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.teams import a_personal_chat, an_execute

pytestmark = pytest.mark.in_memory


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ("forgotten-api-key", "There's no secret named forgotten-api-key in demo-vault."),
        ("old-api-key", "old-api-key exists in demo-vault, but its current version is disabled"),
        ("payments-webhook-key", "it isn't on the list of requestable secrets"),
        ("../vaults", "That's not a valid secret name"),
        ("demo-api-key?x=1", "That's not a valid secret name"),
        ("demo-api-key/versions", "That's not a valid secret name"),
        ("demo-api-key#x", "That's not a valid secret name"),
        ("%2e%2e%2fkeys", "That's not a valid secret name"),
        ("demo-api-key\0", "That's not a valid secret name"),
        ("demo\u2010api\u2010key", "That's not a valid secret name"),
        ("dem\u043e-api-key", "That's not a valid secret name"),
    ],
)
async def test_an_unavailable_secret_is_refused_with_the_specific_reason(
    latchkey: Latchkey, secret: str, sentence: str
) -> None:
    answer = await latchkey.say(DANA, f"request secret {secret} for 2h because smoke test")
    await latchkey.tick()

    assert sentence in answer.words
    assert latchkey.teams.posted_to(AVERY) == []


@pytest.mark.parametrize(
    "name", ["..", "../keys/x", "a?api-version=1", "a/b", "%2e%2e", "a#b", "a\0"]
)
async def test_an_invalid_name_never_becomes_part_of_a_url(bot: Latchkey, name: str) -> None:
    bot.sandbox.state.log.clear()
    for command in ("request secret", "break glass", "rotate", "plan", "history", "export"):
        await bot.say(AVERY, f"{command} {name}")

    assert [one for one in bot.sandbox.log if "/secrets/" in one.path] == []


ADDRESS = "https://demo-vault.vault.azure.net/secrets/demo-api-key"


@pytest.mark.parametrize(
    "written",
    [
        "`demo-api-key`",
        "\u201cdemo-api-key\u201d",
        "'demo-api-key'",
        "demo-api-key,",
        ADDRESS,
        f"{ADDRESS}/0123456789abcdef0123456789abcdef",
        f"https://portal.azure.com/#@contoso.com/asset/Microsoft_Azure_KeyVault/Secret/{ADDRESS}",
    ],
)
async def test_a_secret_is_recognised_however_its_name_is_written(
    latchkey: Latchkey, written: str
) -> None:
    card = await latchkey.say(DANA, f"request secret {written} 2h because smoke test.")

    assert "asked to read demo-api-key in demo-vault for 2 hours." in card.words
    assert "Why\nsmoke test.\n" in card.words


async def test_a_full_stop_after_a_name_is_ignored(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key.")

    assert form.status == "Why do you need it, and for how long?"
    assert "demo-api-key\n" in form.words


async def test_a_url_in_another_vault_is_not_mistaken_for_ours(latchkey: Latchkey) -> None:
    theirs = ADDRESS.replace("demo-vault", "pay-vault")
    for command in ("request secret", "break glass", "history", "rotate", "plan"):
        answer = await latchkey.say(AVERY, f"{command} {theirs}")

        assert "That address is in the vault pay-vault." in answer.words
    await latchkey.tick()
    assert latchkey.audit() == []


@pytest.mark.parametrize(
    ("typed", "reason", "duration"),
    [
        ("for debugging prod", "debugging prod", "1h"),
        ("to debug prod", "to debug prod", "1h"),
        ("for 2h", "", "2h"),
        ("2h", "", "2h"),
        ("for a while", "", "a while"),
        ("for debugging prod for 9h", "debugging prod", "9h"),
    ],
)
async def test_an_incomplete_request_opens_a_form_with_what_was_typed(
    latchkey: Latchkey, typed: str, reason: str, duration: str
) -> None:
    form = await latchkey.say(DANA, f"request secret `demo-api-key` {typed}")

    assert form.status == "Why do you need it, and for how long?"
    assert form.inputs == {"justification": reason, "duration": duration, "start": ""}


async def test_a_request_is_recognised_however_its_id_is_written(latchkey: Latchkey) -> None:
    one = correlation_id(await asked(latchkey))
    shown = await latchkey.say(DANA, f"status `{one}`.")
    cancelled = await latchkey.say(DANA, f"Cancel request \u201c{one}\u201d")

    assert shown.status == "Sent for approval"
    assert cancelled.status == "Cancelled"


async def test_an_extension_is_recognised_however_it_is_written(latchkey: Latchkey) -> None:
    one = correlation_id(await granted(latchkey))

    answer = await latchkey.say(DANA, f"extend `{one}` for '1h'.")

    assert "Extension requested\n1 hour\n" in answer.words


@pytest.mark.parametrize("typed", ["`app-api-key`", "secret app-api-key.", "'app-api-key'"])
async def test_a_rotation_command_is_recognised_however_it_is_written(
    bot: Latchkey, typed: str
) -> None:
    planned = await bot.say(AVERY, f"plan {typed}")
    asked_once = await bot.say(AVERY, f"rotate {typed}")

    assert planned.status == "What a rotation would do"
    assert asked_once.status == "Rotate this secret?"
    assert "app-api-key" in planned.words


async def test_an_attempt_on_an_unlisted_secret_is_audited(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, "request secret payments-webhook-key")
    await latchkey.tick()

    [post] = latchkey.audit()
    assert post.status == "Request blocked by policy"
    assert "Dana Developer asked to read payments-webhook-key in demo-vault" in post.words
    assert "Correlation ID req-" in post.words


async def test_a_mistyped_name_is_not_audited(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, "request secret forgotten-api-key")
    await latchkey.say(DANA, "request secret not/a/name")
    await latchkey.tick()

    assert latchkey.audit() == []


@pytest.mark.parametrize(
    ("duration", "sentence"),
    [
        ("9h", "Access can last from 5 minutes to 4 hours."),
        ("1m", "Access can last from 5 minutes to 4 hours."),
        ("a while", "I can't read that duration. Write it like 45m, 2h, 1h30m or 1d."),
        ("-2h", "I can't read that duration."),
        ("2h2h", "I can't read that duration."),
    ],
)
async def test_an_unreadable_or_out_of_range_duration_opens_the_form(
    latchkey: Latchkey, duration: str, sentence: str
) -> None:
    form = await latchkey.say(DANA, f"request secret demo-api-key for {duration} because of tests")

    assert sentence in form.words
    assert form.inputs == {"justification": "of tests", "duration": duration, "start": ""}


async def test_a_justification_of_5000_characters_is_kept_in_the_form(latchkey: Latchkey) -> None:
    long = ("0123456789" * 500)[:5_000]

    form = await latchkey.say(DANA, f"request secret demo-api-key for 2h because {long}")
    again = await latchkey.click(DANA, form, "Send for approval")
    filed = await latchkey.click(DANA, again, "Send for approval", justification=long[:1_000])

    for refused in (form, again):
        assert "The justification has 5,000 characters; 1,000 is the most." in refused.words
        assert refused.inputs == {"justification": long, "duration": "2h", "start": ""}
    assert filed.status == "Sent for approval"


@pytest.mark.parametrize(
    "text",
    ["request secret demo-api-key for b" + "\n" * 100_000 + "x", "<at>" * 50_000, "<at " * 50_000],
    ids=["line breaks", "mentions", "half a mention"],
)
async def test_no_message_slows_the_bot_down(latchkey: Latchkey, text: str) -> None:
    began = time.process_time()
    await latchkey.say(DANA, text)

    assert time.process_time() - began < 5  # with quadratic matching it takes 100 s


async def test_someone_who_is_not_an_approver_cannot_decide(latchkey: Latchkey) -> None:
    await asked(latchkey)
    card = latchkey.card_of(AVERY)
    approved = await latchkey.click(MORGAN, card, "Approve")
    denied = await latchkey.click(MORGAN, card, "Deny")
    await latchkey.tick()

    sentence = "Only its approvers can decide this request: Avery Approver, Robin Reviewer."
    assert (approved.sentence, denied.sentence) == (sentence, sentence)
    assert latchkey.card_of(AVERY).status == "Waiting for approval"
    assert latchkey.assigned(MORGAN) == latchkey.assigned(DANA) == []


async def test_no_one_can_decide_their_own_request_even_as_an_approver(latchkey: Latchkey) -> None:
    await latchkey.say(AVERY, ASKED)
    await latchkey.tick()
    answer = await latchkey.click(AVERY, latchkey.card_of(ROBIN), "Approve")
    await latchkey.tick()

    assert answer.sentence == (
        "This request is your own, or for you: someone else has to decide it."
    )
    assert latchkey.card_of(ROBIN).status == "Waiting for approval"
    assert latchkey.assigned(AVERY) == []


async def test_no_one_is_asked_if_only_the_requester_could_decide(latchkey: Latchkey) -> None:
    await latchkey.restart(SECRET_APPROVER_EMAIL="avery@contoso.com")

    answer = await latchkey.say(AVERY, ASKED)

    assert (
        "I couldn't find enough people other than you to approve access to demo-api-key"
        in answer.words
    )


async def test_a_click_sent_twice_gets_the_same_answer_and_counts_once(latchkey: Latchkey) -> None:
    await asked(latchkey)
    card = latchkey.card_of(AVERY)
    first = await latchkey.click(AVERY, card, "Approve")
    second = await latchkey.click(AVERY, card, "Approve")
    await latchkey.tick()
    late = await latchkey.click(AVERY, card, "Approve")

    assert first.status == "Approved, granting access"
    assert not second.sentence
    assert late.status == "Granted"
    assert [post.status for post in latchkey.audit()].count("Approved") == 1
    assert len(latchkey.assigned(DANA)) == 1


async def test_a_second_approver_is_shown_who_decided_and_when(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    card = latchkey.card_of(ROBIN)
    clock.advance(minutes=7)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    approved = await latchkey.click(ROBIN, card, "Approve")
    denied = await latchkey.click(ROBIN, card, "Deny", reason="Too late")

    sentence = "This request was already approved by Avery Approver on 2 Mar 2026, 09:07 UTC."
    assert (approved.sentence, denied.sentence) == (sentence, sentence)
    assert len(latchkey.assigned(DANA)) == 1


async def test_an_approval_after_a_denial_shows_the_denial(latchkey: Latchkey) -> None:
    await asked(latchkey)
    card = latchkey.card_of(ROBIN)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Deny")
    answer = await latchkey.click(ROBIN, card, "Approve")
    await latchkey.tick()

    assert answer.sentence == (
        "This request was already denied by Avery Approver on 2 Mar 2026, 09:00 UTC."
    )
    assert latchkey.assigned(DANA) == []


async def test_an_expired_request_cannot_be_approved(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    card = latchkey.card_of(AVERY)
    clock.advance(hours=8)
    await latchkey.tick()
    answer = await latchkey.click(AVERY, card, "Approve")
    await latchkey.tick()

    assert answer.sentence == "This request is no longer pending: it is expired."
    assert latchkey.assigned(DANA) == []


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("request.approve", {"request": "req-aaaaaaaaaa"}),
        ("request.approve", {"request": "../../head"}),
        ("request.approve", {"request": {"id": 1}}),
        ("request.approve", {}),
        ("request.grant", {"request": "req-aaaaaaaaaa"}),
    ],
)
async def test_a_click_on_an_unknown_request_is_refused(
    latchkey: Latchkey, verb: str, data: dict[str, object]
) -> None:
    answer = await latchkey.deliver(an_execute(verb, data, AVERY, a_personal_chat(AVERY)))

    assert answer.body["value"] == "I can't find a request with that ID."


@pytest.mark.parametrize("form_id", ["req-aaaaaaaaaa", "../../head", "x" * 2_000])
async def test_an_unknown_form_is_shown_as_closed(latchkey: Latchkey, form_id: str) -> None:
    forged = {"form": form_id, "justification": "smoke test", "duration": "2h"}

    answer = await latchkey.deliver(an_execute("request.submit", forged, DANA))

    assert answer.status == 200
    assert "This form is no longer open." in answer.body["value"]


async def test_standing_access_is_neither_duplicated_nor_ever_removed(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    standing = latchkey.assign_by_hand(DANA)
    await granted(latchkey)
    clock.advance(hours=2)
    await latchkey.tick()

    told = latchkey.sent_to(DANA)[-1]
    assert told.status == "Access not granted"
    assert "This access already exists, assigned by someone else." in told.words
    assert [one["name"] for one in latchkey.assigned(DANA)] == [standing]


async def test_a_revocation_that_azure_refuses_is_retried_until_it_succeeds(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    latchkey.sandbox.break_next(refusing("DELETE", "roleAssignments"))
    clock.advance(hours=2)
    await latchkey.tick()
    clock.advance(minutes=5)
    await latchkey.tick()
    alarm, warned = latchkey.audit()[-1], latchkey.sent_to(DANA)[-1]
    latchkey.sandbox.state.faults.clear()
    clock.advance(minutes=5)
    await latchkey.tick()

    assert alarm.status == "Revocation stuck"
    assert "Azure hasn't confirmed it" in alarm.words
    assert warned.status == "Access not revoked yet"
    assert latchkey.audit()[-1].status == "Access revoked"
    assert latchkey.assigned(DANA) == []
