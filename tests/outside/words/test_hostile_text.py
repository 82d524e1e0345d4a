"""People's text is always shown as plain text, wherever it comes from and ends up."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import ASKED
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.teams import Person, Place

pytestmark = pytest.mark.in_memory

READABLE = "**bold** [click me](https://evil.example)"
HOSTILE = (
    f"{READABLE} <at>Avery Approver</at> <b>html</b> # heading "
    "{{DATE(1999-03-02T09:00:00Z)}} \u202eright to left\u202c zero\u200bwidth\u2060 \x00\x1b[31m"
)
# No markdown is interpreted in these, in Teams or elsewhere.
SHOWN_AS_TEXT = {("TextRun", "text"), ("Input.Text", "value")}


def of(person: Person) -> Person:
    """Return a person with a hostile display name."""
    return Person(f"{person.name} {HOSTILE}", person.object_id)


def assert_nothing_lives(bot: Latchkey) -> None:
    """Check everything that was posted or answered to clicks."""
    for posted in bot.teams.posted:
        assert not posted.activity.get("entities")
        assert not posted.text
        assert not set(str(posted.activity.get("summary", ""))) & set("<>[]")
        _assert_shown_as_text(posted.activity["attachments"])
    for answer in bot.answers:
        told = (answer.body or {}).get("value")
        if isinstance(told, str):
            assert not set(told) & set("<>[]")
        _assert_shown_as_text(answer.body)


def _assert_shown_as_text(tree: Any) -> None:
    for kind, key, value in _texts(tree):
        if "evil.example" in value and key not in ("summary", "value"):
            assert (kind, key) in SHOWN_AS_TEXT
        assert "{{DATE(1999" not in value or kind == "Input.Text"
        assert not {unicodedata.category(each) for each in value} & {"Cf", "Cs", "Co"}
        assert "\0" not in value
        assert "\x1b" not in value


def _texts(tree: Any) -> Iterator[tuple[str, str, str]]:
    """Walk every text, with its key and the type of its container."""
    if isinstance(tree, list):
        for value in tree:
            yield from _texts(value)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if isinstance(value, str):
                yield tree.get("type", ""), key, value
            yield from _texts(value)


@pytest.fixture
async def team(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot; Dana can use break-glass access and request for others, and tickets are required."""
    file = tmp_path / "policy.toml"
    named = f'["{seed.DANA.mail}"]'
    text = f"[defaults]\nbreak_glass = {named}\non_behalf = {named}\nticket = 'CHG\\d+'"
    file.write_text(text, encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file), ADMIN_USERS=seed.AVERY.mail)
    return latchkey


async def test_a_hostile_justification_ticket_or_reason_is_harmless(team: Latchkey) -> None:
    form = await team.say(DANA, "request secret demo-api-key")
    refused = await team.click(DANA, form, "Send for approval", justification=HOSTILE)
    await team.click(DANA, refused, "Send for approval", justification=f"CHG1 {HOSTILE}")
    await team.tick()
    await team.click(AVERY, team.card_of(AVERY), "Deny", reason=HOSTILE)
    await team.tick()

    assert_nothing_lives(team)
    for seen in (team.card_of(ROBIN), team.audit()[0], team.sent_to(DANA)[-1]):
        assert READABLE in seen.words


async def test_hostile_names_are_harmless(team: Latchkey) -> None:
    await team.say(of(DANA), f"{ASKED} CHG1")
    await team.tick()
    robins = team.card_of(ROBIN)
    await team.click(of(AVERY), team.card_of(AVERY), "Approve")
    await team.tick()
    told_who = await team.click(of(ROBIN), robins, "Approve")
    await team.say(of(AVERY), "history")
    await team.say(of(DANA), "my access")

    assert_nothing_lives(team)
    assert READABLE in team.card_of(ROBIN).words
    assert "already approved by Avery Approver **bold** (click me)" in told_who.sentence


async def test_an_invisible_name_is_replaced_by_the_object_id(
    team: Latchkey,
) -> None:
    await team.say(Person("\u200b\u202e\u2060", DANA.object_id), f"{ASKED} CHG1")
    await team.tick()

    assert f"{DANA.object_id} asks to read demo-api-key" in team.card_of(AVERY).words


async def test_a_hostile_emergency_or_review_note_is_harmless(team: Latchkey) -> None:
    await team.say(of(DANA), f"break glass {DEMO_API_KEY} because CHG1 {HOSTILE}")
    await team.tick()
    await team.click(of(AVERY), team.sent_to(AVERY)[0], "Reviewed", note=HOSTILE)
    await team.tick()

    assert_nothing_lives(team)
    assert READABLE in team.audit()[-1].words


async def test_quoting_a_hostile_command_is_harmless(team: Latchkey) -> None:
    link = "[x](https://evil.example)"
    commands = (
        HOSTILE,
        f"history @{HOSTILE}",
        f"history {HOSTILE}",
        f"request secret {DEMO_API_KEY} for {link}@<at>all</at>",
        f"request secret {link} for {HOSTILE} because {HOSTILE}",
        f"request secret {DEMO_API_KEY} for {HOSTILE} because {HOSTILE}",
        f"rotate {link}\u202e",
        f"extend <at>x</at> {HOSTILE}",
    )
    for number, typed in enumerate(commands):
        # Each in its own chat: a single one would be slowed down by Teams' rate limits.
        await team.say(of(DANA), typed, Place(f"a:{DANA.object_id}-{number}", "personal"))
        await team.say(of(AVERY), typed, Place(f"a:{AVERY.object_id}-{number}", "personal"))

    assert_nothing_lives(team)
