"""The request dialog."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from botbuilder.schema import Activity

from bot.transport.activity_facts import ActivityFacts
from bot.turn import TurnKind
from cards.languages.language import language_of, speaking
from cards.reasons.sentences import sentence_of
from dialogs.form_click import FormClick, read_form_click
from dialogs.request_dialog import RuleTerms
from dialogs.stored_form import document_of
from domain.access.request import RequestDraft
from domain.refusals.refusal import Refusal
from domain.refusals.requests import (
    DurationOutOfBounds,
    FormClosed,
    JustificationMissing,
    JustificationTooLong,
    TicketMissing,
    UnreadableDuration,
)
from domain.refusals.starts import StartInThePast, StartTooFarAhead, UnreadableStart
from tests.cards.reading_cards import texts
from tests.dialogs.conversation import OPTIONS, Conversation, click, execute, message, submit
from tests.support.clock import NINE

OUT_OF_BOUNDS = DurationOutOfBounds(timedelta(minutes=5), timedelta(hours=4))


async def begun() -> Conversation:
    conversation = Conversation()
    await conversation.begin(OPTIONS)
    return conversation


async def test_a_command_is_answered_with_the_form_as_a_message() -> None:
    conversation = await begun()

    assert conversation.sent[0].type == "message"
    assert "demo-api-key" in texts(conversation.card())
    assert "Ada Approver and Bo Backup" in texts(conversation.card())
    assert conversation.is_open


async def test_a_form_for_several_secrets_names_all_and_asks_for_all_tickets() -> None:
    conversation = Conversation()
    rules: list[RuleTerms] = [
        {"required": True, "ticket": "CHG", "hint": "CHG4711"},
        {"required": False, "ticket": "INC", "hint": "INC0042"},
    ]
    await conversation.begin({**OPTIONS, "secrets": ["a-key", "b-key"], "rules": rules})
    form = texts(conversation.card())

    await conversation.receive(submit(justification="CHG1", duration="1h"))
    refused = texts(conversation.card())
    await conversation.receive(submit(justification="CHG1, INC2", duration="1h"))

    assert "a-key and b-key" in form
    assert sentence_of(TicketMissing("INC0042")) in refused
    assert ended_with(conversation) == RequestDraft(
        "form-1", ("a-key", "b-key"), timedelta(hours=1), "CHG1, INC2"
    )


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({}, JustificationMissing()),
        ({"justification_required": False, "ticket": "CHG"}, TicketMissing("")),
    ],
)
async def test_a_form_from_an_older_version_is_for_its_one_secret(
    rule: dict[str, Any], says: Refusal
) -> None:
    conversation = await begun()
    left_out = {"secrets", "vaults", "rules"}
    older = {key: value for key, value in conversation.state.items() if key not in left_out}
    older |= {"secret": "demo-api-key", "vault": "kv-demo"} | rule
    conversation.stored = json.dumps(stored(older))

    await conversation.receive(submit(justification="", duration="1h"))
    refused = texts(conversation.card())
    await conversation.receive(submit(justification="CHG1", duration="1h"))

    assert sentence_of(says) in refused
    assert ended_with(conversation) == RequestDraft(
        "form-1", ("demo-api-key",), timedelta(hours=1), "CHG1"
    )


async def test_a_click_that_starts_it_replaces_the_card_with_the_form() -> None:
    conversation = Conversation()

    await conversation.begin(OPTIONS, click("again"))

    assert conversation.answer()["statusCode"] == 200
    assert conversation.answer()["type"] == "application/vnd.microsoft.card.adaptive"
    assert "demo-api-key" in texts(conversation.card())


async def test_parts_given_in_the_command_are_filled_in() -> None:
    conversation = Conversation()

    await conversation.begin(
        {
            **OPTIONS,
            "typed": {"justification": "smoke test", "duration": "9h"},
            "error": "Too long.",
        }
    )

    assert inputs(conversation) == {"justification": "smoke test", "duration": "9h", "start": None}
    assert "Too long." in texts(conversation.card())


async def test_a_valid_form_ends_with_a_draft_and_no_message() -> None:
    conversation = await begun()

    await conversation.receive(submit(justification="  smoke test ", duration="1h30m"))

    expected = RequestDraft("form-1", ("demo-api-key",), timedelta(minutes=90), "smoke test")
    assert ended_with(conversation) == expected
    assert conversation.sent == []
    assert not conversation.is_open


@pytest.mark.parametrize("duration", ["5m", "4h", "3h 60m", "4 HOURS"])
async def test_a_duration_at_the_limits_is_accepted(duration: str) -> None:
    conversation = await begun()

    await conversation.receive(submit(justification="smoke test", duration=duration))

    assert ended_with(conversation) is not None


@pytest.mark.parametrize(
    ("justification", "duration", "refusal"),
    [
        ("", "1h", JustificationMissing()),
        (" \n ", "1h", JustificationMissing()),
        ("…!?", "1h", JustificationMissing()),
        ("x" * 5_000, "1h", JustificationTooLong(5_000, 1_000)),
        ("smoke test", "", UnreadableDuration()),
        ("smoke test", "soon", UnreadableDuration()),
        ("smoke test", "-1h", UnreadableDuration()),
        ("smoke test", "1h" * 2_500, UnreadableDuration()),
        ("smoke test", "4m59s", OUT_OF_BOUNDS),
        ("smoke test", "4h1s", OUT_OF_BOUNDS),
        ("smoke test", "999999d", OUT_OF_BOUNDS),
    ],
)
async def test_an_error_is_shown_and_no_input_is_lost(
    justification: str, duration: str, refusal: Refusal
) -> None:
    conversation = await begun()

    await conversation.receive(submit(justification=justification, duration=duration))

    assert sentence_of(refusal) in texts(conversation.card())
    assert inputs(conversation) == {
        "justification": justification or None,
        "duration": duration[:40] or "1h",
        "start": None,
    }
    assert conversation.is_open


async def test_a_corrected_form_ends_with_a_draft() -> None:
    conversation = await begun()
    await conversation.receive(submit(justification="smoke test", duration="9h"))

    await conversation.receive(submit(justification="smoke test", duration="4h"))

    expected = RequestDraft("form-1", ("demo-api-key",), timedelta(hours=4), "smoke test")
    assert ended_with(conversation) == expected


async def test_cancel_closes_the_form_without_a_draft() -> None:
    conversation = await begun()

    await conversation.receive(click("request.cancel", form="form-1"))

    assert ended_with(conversation) is None
    assert "Cancelled. This form is closed." in texts(conversation.card())


async def test_the_form_speaks_the_language_of_whoever_clicks() -> None:
    conversation = await begun()

    with speaking(language_of("de")):
        await conversation.receive(submit(justification="smoke test", duration="9h"))
        corrected, fault = texts(conversation.card()), sentence_of(OUT_OF_BOUNDS)
        await conversation.receive(click("request.cancel", form="form-1"))

    assert "Wofür und wie lange brauchen Sie Zugriff?" in corrected
    assert fault in corrected
    assert "Abgebrochen. Dieses Formular ist geschlossen." in texts(conversation.card())
    assert "actions" not in conversation.card()
    assert not conversation.is_open


@pytest.mark.parametrize("verb", ["request.submit", "request.cancel"])
async def test_an_older_form_is_closed_and_the_open_one_stays(verb: str) -> None:
    conversation = await begun()

    await conversation.receive(click(verb, form="form-0", justification="x", duration="1h"))

    assert sentence_of(FormClosed()) in texts(conversation.card())
    assert conversation.is_open


async def test_other_messages_leave_the_form_open_and_unanswered() -> None:
    conversation = await begun()

    await conversation.receive(message("what is the weather"))

    assert conversation.sent == []
    assert conversation.is_open


async def test_input_is_not_stored() -> None:
    conversation = Conversation()
    await conversation.begin({**OPTIONS, "typed": {"justification": "first words"}})

    await conversation.receive(submit(justification="second words", duration="9h"))

    assert "first words" not in conversation.stored
    assert "second words" not in conversation.stored


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"justification": None, "duration": None},
        {"justification": ["why"], "duration": {"hours": 1}},
        {"justification": 1, "duration": True},
        {"justification": {"a": {"b": [{}] * 100}}, "duration": 3600},
    ],
)
async def test_malformed_input_counts_as_no_input(data: dict[str, Any]) -> None:
    conversation = await begun()

    await conversation.receive(submit(**data))

    assert sentence_of(JustificationMissing()) in texts(conversation.card())
    assert conversation.is_open


async def test_secrets_and_limits_from_the_client_are_ignored() -> None:
    conversation = await begun()

    await conversation.receive(
        submit(
            justification="smoke test",
            duration="1h",
            secrets=("other-key",),
            longest_seconds=1e9,
            approvers=["Dana Developer"],
        )
    )

    expected = RequestDraft("form-1", ("demo-api-key",), timedelta(hours=1), "smoke test")
    assert ended_with(conversation) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [],
        {},
        {"action": None},
        {"action": []},
        {"action": {"verb": "request.submit"}},
        {"action": {"verb": "request.submit", "data": "form-1"}},
        {"action": {"verb": "request.submit", "data": {"form": None}}},
        {"action": {"verb": "request.submit", "data": {"form": ""}}},
        {"action": {"verb": "request.submit", "data": {"form": {"form": "form-1"}}}},
        {"action": {"verb": ["request.submit"], "data": {"form": "form-1"}}},
        {"action": {"verb": "request.approve", "data": {"form": "form-1"}}},
        {"action": {"data": {"form": "form-1"}}},
    ],
)
async def test_a_malformed_click_is_not_a_form_click(value: object) -> None:
    conversation = await begun()

    await conversation.receive(execute(value))

    assert form_click(execute(value)) is None
    assert conversation.sent == []
    assert conversation.is_open


@pytest.mark.parametrize("verb", ["request.submit", "request.cancel"])
def test_a_click_names_its_form(verb: str) -> None:
    found = form_click(click(verb, form="form-7"))

    assert found is not None
    assert found.form_id == "form-7"


def test_a_message_with_a_clicks_value_is_not_a_click() -> None:
    activity = message("")
    activity.value = submit().value

    assert ActivityFacts(activity).kind is TurnKind.MESSAGE


def test_another_invoke_is_not_a_click() -> None:
    activity = submit()
    activity.name = "task/submit"

    assert ActivityFacts(activity).kind is TurnKind.OTHER


def form_click(activity: Activity) -> FormClick | None:
    found = ActivityFacts(activity).click
    return read_form_click(found.verb, found.data)


def ended_with(conversation: Conversation) -> object:
    assert conversation.result is not None
    assert not conversation.is_open
    return conversation.result.draft


def stored(older: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a form whose state an earlier version wrote."""
    document = document_of(OPTIONS)
    document["dialogs"]["stack"][0]["state"] = older
    return document


def inputs(conversation: Conversation) -> dict[str, str | None]:
    return {
        element["id"]: element.get("value")
        for element in conversation.card()["body"]
        if element["type"] == "Input.Text"
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", None),
        ("  ", None),
        ("13:00", NINE + timedelta(hours=3)),
        (" 10:30 tomorrow ", NINE + timedelta(days=1, minutes=30)),
    ],
)
async def test_a_start_is_read_in_the_forms_time_zone(
    typed: str, expected: datetime | None
) -> None:
    conversation = await begun()

    await conversation.receive(submit(justification="smoke test", duration="1h", start=typed))

    draft = ended_with(conversation)
    assert isinstance(draft, RequestDraft)
    assert draft.starts_at == expected


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("soon", UnreadableStart()),
        ("22", UnreadableStart()),
        ("10:00 today", StartInThePast(NINE)),
        ("2026-03-09 10:01", StartTooFarAhead(timedelta(days=7))),
    ],
)
async def test_a_wrong_start_is_shown_and_kept(typed: str, refusal: Refusal) -> None:
    conversation = await begun()

    await conversation.receive(submit(justification="smoke test", duration="1h", start=typed))

    assert sentence_of(refusal) in texts(conversation.card())
    assert inputs(conversation)["start"] == typed
    assert conversation.is_open


async def test_a_form_stored_before_starts_existed_is_read_without_one() -> None:
    old = {
        name: value
        for name, value in OPTIONS.items()
        if name not in {"time_zone", "start_within_seconds"}
    }
    conversation = Conversation()
    conversation.stored = json.dumps(stored(old))

    await conversation.receive(submit(justification="smoke test", duration="1h"))

    draft = ended_with(conversation)
    assert isinstance(draft, RequestDraft)
    assert draft.starts_at is None


async def test_a_form_stored_with_the_groups_among_the_approvers_still_shows_them() -> None:
    old = {name: value for name, value in OPTIONS.items() if name != "groups"}
    old["approvers"] = ["Ada Approver", "members of Payments"]
    conversation = Conversation()
    conversation.stored = json.dumps(stored(old))

    await conversation.receive(submit(justification="smoke test", duration="for ever"))

    assert "Ada Approver and members of Payments" in texts(conversation.card())
