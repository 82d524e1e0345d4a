"""Where forms are kept between turns, and what two turns at once do to one."""

from typing import Any

import pytest

from bot.forms import Forms
from bot.transport.turn import SdkTurn
from domain.refusals.requests import FormClosed
from services.storage.documents import Documents
from tests.dialogs.conversation import KEY, OPTIONS, a_turn, click, message, submit
from tests.support.clock import NINE
from tests.support.tables.memory_table import MemoryTable

TERMS = {
    "form_id": "form-1",
    "secrets": ["demo-api-key"],
    "vaults": ["kv-demo"],
    "approvers": ["Ada Approver", "Bo Backup"],
    "groups": [],
    "shortest_seconds": 300.0,
    "longest_seconds": 14_400.0,
    "rules": [{"required": True, "ticket": "", "hint": ""}],
    "for_whom": "",
    "for_name": "",
    "time_zone": "Europe/Berlin",
    "asked_in": "",
    "start_within_seconds": 604_800.0,
    "emergency": False,
}
INSTANCE = {"$type": "DialogInstance", "id": "request", "state": TERMS}
OPEN = {"dialogs": {"$type": "DialogState", "stack": [INSTANCE]}}
CLOSED = {"dialogs": {"$type": "DialogState", "stack": []}}
"""As botbuilder-dialogs wrote them, under the same key."""

WRONG = submit(justification="smoke test", duration="9h")
VALID = submit(justification="smoke test", duration="1h")
CANCEL = click("request.cancel", form="form-1")


@pytest.fixture
def documents() -> Documents:
    return Documents(MemoryTable())


@pytest.fixture
def forms(documents: Documents) -> Forms:
    return Forms(documents, lambda: NINE)


async def stored(documents: Documents) -> dict[str, Any] | None:
    found = (await documents.read([KEY])).get(KEY)
    return found.content if found else None


def asked() -> SdkTurn:
    return a_turn(message("request secret demo-api-key"))


async def test_an_open_form_is_kept_as_earlier_versions_read_it(
    documents: Documents, forms: Forms
) -> None:
    await forms.open(asked(), OPTIONS)

    assert await stored(documents) == OPEN


async def test_a_cancelled_form_is_kept_as_earlier_versions_read_it(
    documents: Documents, forms: Forms
) -> None:
    await documents.write(KEY, OPEN, None)
    turn = a_turn(CANCEL)

    await forms.take_click(turn, turn.click)

    assert await stored(documents) == CLOSED


async def test_a_form_stays_open_until_its_draft_is_filed(
    documents: Documents, forms: Forms
) -> None:
    await documents.write(KEY, OPEN, None)
    turn = a_turn(VALID)

    form = await forms.take_click(turn, turn.click)
    assert form
    before = await stored(documents)
    await form.close()

    assert form.draft
    assert before == OPEN
    assert await stored(documents) == CLOSED


@pytest.mark.parametrize("document", [None, CLOSED, {}, {"dialogs": None}])
async def test_a_click_without_an_open_form_writes_nothing(
    documents: Documents, forms: Forms, document: dict[str, Any] | None
) -> None:
    if document is not None:
        await documents.write(KEY, document, None)
    turn = a_turn(VALID)

    form = await forms.take_click(turn, turn.click)

    assert form is None
    assert await stored(documents) == document


async def test_a_form_is_stored_again_only_if_it_has_changed(
    documents: Documents, forms: Forms
) -> None:
    await forms.open(asked(), OPTIONS)
    [first] = (await documents.read([KEY])).values()

    turn = a_turn(WRONG)
    await forms.take_click(turn, turn.click)
    await forms.open(turn, {**OPTIONS, "typed": {"duration": "9h"}, "error": "Too long."})
    [unchanged] = (await documents.read([KEY])).values()
    await forms.open(asked(), {**OPTIONS, "form_id": "form-2"})
    [changed] = (await documents.read([KEY])).values()

    assert unchanged.etag == first.etag
    assert changed.etag != first.etag


@pytest.mark.parametrize("document", [None, CLOSED])
async def test_of_two_turns_at_once_one_form_is_open(
    documents: Documents, forms: Forms, document: dict[str, Any] | None
) -> None:
    if document is not None:
        await documents.write(KEY, document, None)
    theirs = {"dialogs": {"$type": "DialogState", "stack": [{**INSTANCE, "state": {"x": 1}}]}}

    class Between(Documents):
        """Another turn stores its form before this one does."""

        async def write(self, key: str, content: dict[str, Any], etag: str | None) -> str:
            found = (await documents.read([key])).get(key)
            await documents.write(key, theirs, found.etag if found else None)
            return await super().write(key, content, etag)

    await Forms(Between(documents._table), lambda: NINE).open(asked(), OPTIONS)

    assert await stored(documents) == theirs


async def test_a_form_is_only_said_to_be_cancelled_if_it_was_closed(
    documents: Documents, forms: Forms
) -> None:
    await forms.open(asked(), OPTIONS)

    class Between(Documents):
        """Another turn opens another form before this one closes it."""

        async def write(self, key: str, content: dict[str, Any], etag: str | None) -> str:
            await forms.open(asked(), {**OPTIONS, "form_id": "form-2"})
            return await super().write(key, content, etag)

    turn = a_turn(CANCEL)

    with pytest.raises(FormClosed):
        await Forms(Between(documents._table), lambda: NINE).take_click(turn, turn.click)


async def test_closing_a_form_leaves_one_that_was_opened_in_its_place(
    documents: Documents, forms: Forms
) -> None:
    await forms.open(asked(), OPTIONS)
    turn = a_turn(VALID)
    form = await forms.take_click(turn, turn.click)
    await forms.open(asked(), {**OPTIONS, "form_id": "form-2"})
    newer = await stored(documents)

    assert form
    await form.close()

    assert await stored(documents) == newer


@pytest.mark.parametrize(
    "bomb",
    [
        {"py/object": "os.system", "command": "id"},
        {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]},
        {"$type": "os.system", "command": "id"},
        {"$type": "DialogState", "stack": [{"$type": "subprocess.Popen", "args": "id"}]},
        {"$type": "DialogState", "stack": [{**INSTANCE, "id": "other"}]},
        {"$type": "DialogState", "stack": [{**INSTANCE, "state": None}]},
    ],
)
async def test_what_is_no_form_of_ours_is_none_and_the_next_form_takes_its_place(
    documents: Documents, forms: Forms, bomb: dict[str, Any]
) -> None:
    await documents.write(KEY, {"dialogs": bomb}, None)
    turn = a_turn(VALID)

    form = await forms.take_click(turn, turn.click)
    await forms.open(asked(), OPTIONS)

    assert form is None
    assert await stored(documents) == OPEN
