"""Names, cards and forms are never trusted for a person's identity or intent."""

import pytest

from cards.access.forms.request_form import DURATION, JUSTIFICATION
from cards.kit import verbs
from sandbox.seed import APP_API_KEY
from tests.outside.scenarios import asked, correlation_id
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.reading import buttons
from tests.support.teams import Person, a_personal_chat, an_execute

pytestmark = pytest.mark.in_memory


@pytest.mark.parametrize("name", ["Avery Approver", "avery@contoso.com", AVERY.object_id])
async def test_a_person_with_an_approvers_name_cannot_decide(latchkey: Latchkey, name: str) -> None:
    await asked(latchkey)
    impostor = Person(name, MORGAN.object_id)
    answer = await latchkey.click(impostor, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert "Only its approvers can decide this request" in answer.sentence
    assert latchkey.assigned(DANA) == []


async def test_a_person_with_only_an_approvers_teams_id_cannot_decide(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await asked(latchkey))
    click = an_execute(verbs.APPROVE, {verbs.REQUEST: request_id}, MORGAN, a_personal_chat(AVERY))
    answer = await latchkey.deliver(click | {"from": click["from"] | {"id": AVERY.id}})
    await latchkey.tick()

    assert "Only its approvers can decide this request" in answer.body["value"]
    assert latchkey.assigned(DANA) == []


async def test_a_person_with_an_admins_name_cannot_rotate(bot: Latchkey) -> None:
    answer = await bot.say(Person("Avery Approver", MORGAN.object_id), f"rotate {APP_API_KEY}")

    assert "Only admins can do that." in answer.words


async def test_identities_claimed_in_a_clicks_data_are_ignored(latchkey: Latchkey) -> None:
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


async def test_an_approval_grants_what_was_requested_whatever_the_click_claims(
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


async def test_a_form_requests_what_it_was_opened_for_whatever_its_data_claims(
    latchkey: Latchkey,
) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    data = buttons(form.card)["Send for approval"]["data"]
    forged = data | {
        JUSTIFICATION: "smoke test",
        DURATION: "1h",
        "secret": "payments-webhook-key",
        "longest_seconds": 10**9,
        "approvers": [DANA.object_id],
        "for_whom": MORGAN.object_id,
    }
    answer = await latchkey.deliver(an_execute(verbs.SUBMIT, forged, DANA, card=form.id))
    await latchkey.tick()

    [card] = latchkey.sent_to(AVERY)
    assert answer.status == 200
    assert "Dana Developer asks to read demo-api-key in demo-vault for 1 hour." in card.words
