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
    assert f"asks to read {APP_API_KEY} and {DEMO_API_KEY} in demo-vault" in card.words


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
