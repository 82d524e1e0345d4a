"""Nobody is believed to be who a name, a card or a form says, nor to mean what it says."""

import pytest

from cards.kit import verbs
from sandbox.seed import APP_API_KEY
from tests.outside.scenarios import asked, correlation_id
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.reading import buttons
from tests.support.teams import Person, a_personal_chat, an_execute

pytestmark = pytest.mark.in_memory


@pytest.mark.parametrize("name", ["Avery Approver", "avery@contoso.com", AVERY.object_id])
async def test_whoever_is_called_like_an_approver_decides_nothing(
    latchkey: Latchkey, name: str
) -> None:
    await asked(latchkey)
    impostor = Person(name, MORGAN.object_id)
    answer = await latchkey.click(impostor, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert "Only its approvers can decide this request" in answer.sentence
    assert latchkey.assigned(DANA) == []


async def test_whoever_has_the_teams_id_of_an_approver_alone_decides_nothing(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await asked(latchkey))
    click = an_execute(verbs.APPROVE, {verbs.REQUEST: request_id}, MORGAN, a_personal_chat(AVERY))
    answer = await latchkey.deliver(click | {"from": click["from"] | {"id": AVERY.id}})
    await latchkey.tick()

    assert "Only its approvers can decide this request" in answer.body["value"]
    assert latchkey.assigned(DANA) == []


async def test_whoever_is_called_like_an_admin_rotates_nothing(bot: Latchkey) -> None:
    answer = await bot.say(Person("Avery Approver", MORGAN.object_id), f"rotate {APP_API_KEY}")

    assert "Only admins can do that." in answer.words


async def test_what_a_click_says_of_its_clicker_counts_for_nothing(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))
    forged = {
        verbs.REQUEST: request_id,
        "approver": AVERY.object_id,
        "actor": {"tenant_id": "any", "object_id": AVERY.object_id, "name": AVERY.name},
        "from": AVERY.account(),
        "aadObjectId": AVERY.object_id,
        "approvers": [MORGAN.object_id],
        "min_approvals": 0,
        "state": "active",
    }
    answer = await latchkey.deliver(an_execute(verbs.APPROVE, forged, MORGAN))
    await latchkey.tick()

    assert "Only its approvers can decide this request" in answer.body["value"]
    assert latchkey.assigned(DANA) == []


async def test_an_approval_gives_what_was_asked_for_whatever_the_click_says(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await asked(latchkey))
    forged = {
        verbs.REQUEST: request_id,
        "secret": APP_API_KEY,
        "scope": "/",
        "role": "Owner",
        "expires_at": "2099-01-01T00:00:00Z",
        "beneficiary": MORGAN.object_id,
    }
    await latchkey.deliver(an_execute(verbs.APPROVE, forged, AVERY, a_personal_chat(AVERY)))
    await latchkey.tick()

    [given] = latchkey.assigned(DANA)
    assert given["scope"].endswith("/vaults/demo-vault")
    assert "expires 2026-03-02T11:00:00Z" in given["description"]
    assert latchkey.assigned(MORGAN) == []


async def test_a_form_asks_for_what_it_was_opened_for_whatever_its_data_say(
    latchkey: Latchkey,
) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    data = buttons(form.card)["Send for approval"]["data"]
    forged = data | {
        verbs.JUSTIFICATION: "smoke test",
        verbs.DURATION: "1h",
        "secret": "payments-webhook-key",
        "longest_seconds": 10**9,
        "approvers": [DANA.object_id],
        "for_whom": MORGAN.object_id,
    }
    answer = await latchkey.deliver(an_execute(verbs.SUBMIT, forged, DANA, card=form.id))
    await latchkey.tick()

    [card] = latchkey.told(AVERY)
    assert answer.status == 200
    assert "Dana Developer asks to read demo-api-key in demo-vault for 1 hour." in card.words
