"""In another language, no answer has words in English but what a person types."""

import re
from dataclasses import replace

import pytest

from bot.handlers.command_table import COMMANDS, usages
from cards.kit import verbs
from cards.languages.language import LANGUAGES
from tests.cards.languages.left import left_in
from tests.cards.languages.wide import WIDE, plain_words
from tests.outside.scenarios import ASKED
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.teams import Json, Person, an_execute

pytestmark = pytest.mark.in_memory

NO_REQUEST, NO_ROTATION = "req-aaaaaaaaaa", "rot-aaaaaaaaaa"
TYPED = [
    "help",
    "help all",
    "hlep",
    "cancel",
    "make me a sandwich",
    "request",
    "request secret demo-api-key for 99d because smoke test",
    "request secret no-such-key for 2h because smoke test",
    "request demo-api-key deploy fix",
    "break glass demo-api-key because smoke test",
    "secrets",
    "why demo-api-key",
    "my access",
    "approvals",
    *(f"{word} {NO_REQUEST}" for word in ("status", "cancel", "revoke", "verify", "retry")),
    *(f"{word} {NO_REQUEST} because no" for word in ("approve", "deny", "close")),
    f"extend {NO_REQUEST} 1h",
    f"abandon {NO_ROTATION} because no",
    "history",
    "history demo-api-key last yesterday",
    "export",
    "export figures",
    "export reads",
    f"export reads {NO_REQUEST}",
    "report",
    "review",
    "rotate demo-api-key",
    "plan app-api-key",
    "rotations",
    "stuck",
    "doctor",
]
FORGED = {
    verbs.REQUEST: NO_REQUEST,
    verbs.WORKFLOW: NO_REQUEST,
    verbs.ROTATION: NO_ROTATION,
    verbs.SECRET: "no-such-key",
    verbs.FORM: NO_REQUEST,
    verbs.AFTER: "nowhere",
    verbs.CURSOR: "nowhere",
    verbs.LINE: "make me a sandwich",
}

_DATA = re.compile(r"\b[a-z0-9]+(?:-[a-z0-9]+)+\b|\S+@\S+|\b[A-Z]+(?:_[A-Z]+)+\b")
"""IDs and names of secrets and vaults, emails, settings."""
_FORMS = " ".join(form for form, _ in usages())
_TYPED_WORDS = {
    *plain_words(_FORMS),
    *plain_words(" ".join(TYPED)),
    *(word for command in COMMANDS for word in command.words),
}
_PEOPLE = " ".join(person.name for person in (DANA, AVERY, ROBIN, MORGAN))
_AZURES = "Azure Key Vault Secrets User Reader Officer"
_NAMES = {"Latchkey", "Europe", "Berlin", *plain_words(_PEOPLE), *plain_words(_AZURES)}
"""What has the same name in every language."""


@pytest.fixture(autouse=True)
def wide_german(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let German be English in wide letters."""
    monkeypatch.setitem(LANGUAGES, "de", WIDE)


@pytest.mark.parametrize("person", [DANA, AVERY], ids=["developer", "admin"])
@pytest.mark.parametrize("lines", [TYPED[at : at + 10] for at in range(0, len(TYPED), 10)])
async def test_every_command_is_answered_without_words_in_english(
    latchkey: Latchkey, person: Person, lines: list[str]
) -> None:
    """Say some at a time: Teams takes only so many messages at once."""
    speaker = replace(person, locale="de-DE")
    await latchkey.say(speaker, ASKED)
    await latchkey.tick()
    found, unanswered = {}, []
    for typed in lines:
        answers = await latchkey.say_for_all(speaker, typed)
        if left := [word for seen in answers for word in words_in_english(seen.card)]:
            found[typed] = left
        if not answers:
            unanswered.append(typed)

    assert (found, unanswered) == ({}, [])


@pytest.mark.parametrize("verb", sorted(verbs.VERBS))
async def test_every_refused_click_is_answered_without_words_in_english(
    latchkey: Latchkey, verb: str
) -> None:
    answer = await latchkey.deliver(an_execute(verb, FORGED, replace(AVERY, locale="de-DE")))

    shown = answer.body["value"]
    seen = shown if isinstance(shown, dict) else {"body": [{"text": shown}]}
    assert words_in_english(seen) == []


def words_in_english(card: Json) -> list[str]:
    """Return the words of a card that are neither names nor typed."""
    return [
        word
        for text in left_in(card)
        for word in plain_words(_DATA.sub("", text))
        if word not in _TYPED_WORDS and word not in _NAMES
    ]
