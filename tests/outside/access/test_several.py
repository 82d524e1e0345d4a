"""Several secrets in one request: one card, one decision, one window."""

import pytest

from sandbox.seed import APP_API_KEY, DEMO_API_KEY, OLD_API_KEY, VAULT
from tests.outside.scenarios import correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

BOTH = (DEMO_API_KEY, APP_API_KEY)
ASKED = f"request secret {DEMO_API_KEY} and {APP_API_KEY} for 2h because smoke test"
CHOOSE = "choose:{}".format
ASKS = "Dana Developer asks to read demo-api-key and app-api-key in demo-vault for 2 hours."


@pytest.mark.parametrize(
    ("scope", "places", "opens"),
    [
        ("vault", [VAULT], "The whole vault: "),
        ("secret", sorted(BOTH), "Only these 2 secrets"),
    ],
)
async def test_two_secrets_are_granted_and_revoked_together(
    latchkey: Latchkey, clock: ManualClock, scope: str, places: list[str], opens: str
) -> None:
    await latchkey.restart(GRANT_SCOPE=scope)
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    card = latchkey.card_of(AVERY)
    before = [await latchkey.read(DANA, name) for name in BOTH]

    await latchkey.click(AVERY, card, "Approve")
    await latchkey.tick()
    told = latchkey.sent_to(DANA)[-1]
    assigned = sorted(str(one["place"]) for one in latchkey.assigned(DANA))
    during = [await latchkey.read(DANA, name) for name in BOTH]
    clock.advance(hours=2)
    await latchkey.tick()
    after = [await latchkey.read(DANA, name) for name in BOTH]

    assert ASKS in card.words
    assert opens in card.words
    assert assigned == places
    assert told.status == "Access granted"
    for name in BOTH:
        assert f"az keyvault secret show --vault-name demo-vault --name {name} " in told.words
    assert (before, after) == ([None, None], [None, None])
    assert None not in during
    assert latchkey.assigned(DANA) == []
    statuses = [heard.status for heard in latchkey.audit()]
    assert statuses == [
        "Access requested",
        "Approved",
        "Access granted",
        "Access expired",
        "Access revoked",
    ]


async def test_the_form_shows_all_of_them_and_asks_once(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, f"request secret {APP_API_KEY}, {DEMO_API_KEY}")

    card = await latchkey.click(
        DANA, form, "Send for approval", justification="smoke test", duration="1h"
    )

    assert f"Secrets\n{APP_API_KEY} and {DEMO_API_KEY}" in form.words
    assert f"asked to read {APP_API_KEY} and {DEMO_API_KEY} in demo-vault" in card.words


async def test_one_answer_lists_all_unavailable_secrets(latchkey: Latchkey) -> None:
    names = f"{DEMO_API_KEY}, root-password, {OLD_API_KEY}"
    refused = await latchkey.say(DANA, f"request secret {names} because smoke test")
    await latchkey.tick()

    assert "Nothing was requested because of root-password and old-api-key." in refused.words
    assert "root-password can't be requested here" in refused.words
    assert [heard.status for heard in latchkey.audit()] == ["Request blocked by policy"]
    assert latchkey.sent_to(AVERY) == []


async def test_it_can_be_found_by_each_of_them(latchkey: Latchkey) -> None:
    request_id = correlation_id(await latchkey.say(DANA, ASKED))

    for name in BOTH:
        assert request_id in (await latchkey.say(AVERY, f"history {name}")).words
    assert f"{DEMO_API_KEY} and {APP_API_KEY}" in (await latchkey.say(DANA, "my access")).words


async def _left_out(latchkey: Latchkey, *, scope: str) -> str:
    """Let Avery leave the second secret out; return the request's ID."""
    await latchkey.restart(GRANT_SCOPE=scope)
    request_id = correlation_id(await latchkey.say(DANA, ASKED))
    await latchkey.tick()
    await latchkey.click(
        AVERY,
        latchkey.card_of(AVERY),
        "Approve with limits",
        **{CHOOSE(APP_API_KEY): "false", "narrow": "false"},
    )
    await latchkey.tick()
    return request_id


async def test_each_secret_can_be_left_out_and_all_are_in_at_first(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()

    inputs = latchkey.card_of(AVERY).inputs

    assert {CHOOSE(name): "true" for name in BOTH}.items() <= inputs.items()


@pytest.mark.parametrize("scope", ["vault", "secret"])
async def test_a_secret_that_was_left_out_cannot_be_read_and_the_rest_can(
    latchkey: Latchkey, clock: ManualClock, scope: str
) -> None:
    request_id = await _left_out(latchkey, scope=scope)
    readable = {name: await latchkey.read(DANA, name) is not None for name in BOTH}
    told = latchkey.sent_to(DANA)[-1]
    shown = [
        latchkey.card_of(AVERY).words,
        told.words,
        *(seen.words for seen in latchkey.audit() if seen.status == "Access granted"),
        (await latchkey.say(DANA, "my access")).words,
        (await latchkey.say(DANA, f"status {request_id}")).words,
    ]
    listed = (await latchkey.say(AVERY, f"history {APP_API_KEY}")).words
    clock.advance(hours=2)
    await latchkey.tick()

    assert readable == {DEMO_API_KEY: True, APP_API_KEY: False}
    assert told.status == "Access granted"
    for words in shown:
        assert "app-api-key, by Avery Approver" in words
    assert f"{DEMO_API_KEY}, without {APP_API_KEY}" in listed
    assert latchkey.assigned(DANA) == []


async def test_the_evidence_says_what_was_asked_for_and_what_was_left_out(
    latchkey: Latchkey,
) -> None:
    request_id = await _left_out(latchkey, scope="secret")

    timeline = (await latchkey.say(AVERY, f"history {request_id}")).words
    [approved] = [seen.words for seen in latchkey.audit() if seen.status == "Approved"]

    assert "asks to read demo-api-key and app-api-key" in timeline
    assert "1 of 1 needed. Left out: app-api-key." in approved
    assert "1 of 1 needed. Left out: app-api-key." in timeline


async def test_leaving_everything_out_is_answered_and_decides_nothing(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    none = {CHOOSE(name): "false" for name in BOTH}

    answer = await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve with limits", **none)

    assert "Deny the request instead." in answer.sentence
    assert "Waiting for approval" in latchkey.card_of(AVERY).words
    assert latchkey.assigned(DANA) == []


@pytest.mark.parametrize("name", ["root-password", "", DEMO_API_KEY.upper(), "a" * 9_000, "<b>"])
@pytest.mark.parametrize("value", ["true", "false"])
async def test_a_click_that_names_another_secret_decides_nothing(
    latchkey: Latchkey, name: str, value: str
) -> None:
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    forged = {CHOOSE(name): value}

    answer = await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve with limits", **forged)
    await latchkey.tick()

    assert "isn't one of the secrets of this request" in answer.sentence
    assert "Waiting for approval" in latchkey.card_of(AVERY).words
    assert latchkey.assigned(DANA) == []
